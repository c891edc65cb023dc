import type { GenerateVideoInput, RequestKey } from '../../contract/video-job.ts';

/** What an idempotency key stands for. */
export interface KeyClaim {
  videoId: string;
  /** As in {@link RequestKey}; of one that is not known any more, null. */
  digest: RequestKey['digest'] | null;
  /** The job, where its first use was by a version that noted it. */
  input?: GenerateVideoInput;
}

/** Another request with the same key came first: its video is the answer. */
export class KeyInUse extends Error {
  override readonly name = 'KeyInUse';
  readonly claim: KeyClaim;

  constructor(claim: KeyClaim) {
    super('another request with this key came first');
    this.claim = claim;
  }
}
