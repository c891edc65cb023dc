import { randomBytes } from 'node:crypto';

/** A link under which anyone can watch one video for a while. All of it is in the link, and signed. */
export interface Share {
  /** `share_` and 128 random bits in hex. */
  id: string;
  videoId: string;
  /** Unix seconds. */
  expiresAt: number;
  /** Whether visitors are shown the prompt. */
  showPrompt: boolean;
}

export const newShareId = (): string => `share_${randomBytes(16).toString('hex')}`;

export const hasEnded = ({ expiresAt }: Share): boolean => expiresAt <= Date.now() / 1000;
