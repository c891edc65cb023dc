import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { EncryptionKey } from '../../temporal/encryption/keys-file.ts';
import type { Share } from './share.ts';

/**
 * What a link ends in: version, video, end, whether the prompt is shown, share, and the signature of what is before it. A video's
 * id holds when it was made, and no other video ever has it.
 */
const LINK =
  /^(1\.(video_[A-Za-z0-9_-]{1,100})\.([1-9][0-9]{9,11})\.([01])\.(share_[0-9a-f]{32}))\.([A-Za-z0-9_-]{43})$/;

/**
 * Signs share links, HMAC-SHA256 with keys that are derived from those of a file. The signature is of the very characters that
 * are sent, and is compared as it was sent: nothing can be written in a second way.
 */
export class SignedLinks {
  readonly #keys: () => readonly EncryptionKey[];

  /** @param keys as they stand now: the first signs, each verifies */
  constructor(keys: () => readonly EncryptionKey[]) {
    this.#keys = keys;
  }

  /** The end of the link, for a URL's path. */
  linkOf({ videoId, expiresAt, showPrompt, id }: Share): string {
    const signed = `1.${videoId}.${expiresAt}.${showPrompt ? 1 : 0}.${id}`;
    return `${signed}.${signatureOf(signed, this.#keys()[0]!)}`;
  }

  /** The share that a link is of, whether it has ended or not; null where it was not signed here. */
  shareOf(link: string): Share | null {
    const [, signed, videoId, expiresAt, prompt, id, signature] = LINK.exec(link) ?? [];
    if (signed === undefined) return null;
    const given = Buffer.from(signature!);
    const holds = this.#keys().some((key) => timingSafeEqual(Buffer.from(signatureOf(signed, key)), given));
    return holds ? { id: id!, videoId: videoId!, expiresAt: Number(expiresAt), showPrompt: prompt === '1' } : null;
  }
}

/** 43 characters. */
function signatureOf(signed: string, { key }: EncryptionKey): string {
  const derived = Buffer.from(hkdfSync('sha256', key, '', 'kinora share links', 32));
  return createHmac('sha256', derived).update(signed).digest('base64url');
}
