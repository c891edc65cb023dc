import { createHash } from 'node:crypto';
import type { RequestKey, GenerateVideoInput } from '../../contract/video-job.ts';
import { listedVideo, type OldRequestKeyMemo, type RequestKeyMemo, requestKeyId } from '../../temporal/request-keys.ts';
import { reserve, reserved } from '../../temporal/reservations.ts';
import { ApiError, invalid } from '../errors/errors.ts';
import type { Temporal } from '../jobs/temporal.ts';
import { isUnreadable } from '../jobs/job-state.ts';

/** A request with an idempotency key. */
export interface KeyedRequest extends RequestKey {
  /** As earlier versions noted it. */
  fieldsHash: string;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * The header `Idempotency-Key`, where there is one.
 *
 * @throws ApiError `invalid_value` unless it is 1 to 255 printable ASCII characters
 */
export function idempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (/^[\x20-\x7e]{1,255}$/.test(header)) return header;
  throw invalid('Idempotency-Key', 'Idempotency-Key must be 1 to 255 printable ASCII characters, e.g. a UUID.');
}

/** @param fields of the request, as they were parsed */
export function keyedRequest(accountId: string, key: string, fields: object): KeyedRequest {
  return {
    key: sha256(JSON.stringify([accountId, key])),
    // The key, which is noted nowhere, keeps prompts from being guessed.
    digest: sha256(JSON.stringify([accountId, key, fields])),
    fieldsHash: sha256(JSON.stringify(fields)),
  };
}

/**
 * The video that a key stands for; null where it was not used yet.
 *
 * A key is noted by itself before its video is started, and with the video; by itself until Temporal lists the video.
 *
 * @throws ApiError `idempotency_conflict` where the key was used with other fields; `encryption_key_missing`,
 *   `service_unavailable`
 */
export async function claimOf(temporal: Temporal, request: KeyedRequest): Promise<KeyClaim | null> {
  const noted = await notedClaim(temporal, request);
  if (noted !== null) return noted;
  // Not at the same time: it is listed before the note is deleted.
  const listed = await temporal.call((client) => listedVideo(client, request.key));
  if (listed === null) return null;
  if (isUnreadable(listed.memo)) throw new ApiError('encryption_key_missing');
  return sameFields({ videoId: listed.videoId, digest: listed.memo.input?.request?.digest ?? null }, request);
}

/**
 * Has the key stand for this video, unless it stands for another one already; exactly one of several simultaneous
 * requests, at whatever process, has its way.
 *
 * @returns what it stands for now
 * @throws as {@link claimOf}
 */
export async function claim(temporal: Temporal, request: KeyedRequest, videoId: string): Promise<KeyClaim> {
  const memo: RequestKeyMemo = { videoId, digest: request.digest };
  const made = await temporal.call((client) => reserve(client, requestKeyId(request.key), memo, 'once'));
  if (made !== null) return memo;
  const other = await claimOf(temporal, request);
  if (other === null) throw new ApiError('service_unavailable');
  return other;
}

async function notedClaim(temporal: Temporal, request: KeyedRequest): Promise<KeyClaim | null> {
  const noted = await temporal.call((client) =>
    reserved<RequestKeyMemo & OldRequestKeyMemo>(client, requestKeyId(request.key)),
  );
  if (noted === null) return null;
  if (isUnreadable(noted.memo)) throw new ApiError('encryption_key_missing');
  const { videoId, digest, input, fieldsHash } = noted.memo;
  if (!input) return sameFields({ videoId: videoId!, digest: digest || null }, request);
  if (fieldsHash !== request.fieldsHash) throw new ApiError('idempotency_conflict');
  return { videoId: input.videoId, digest: request.digest, input };
}

/** @throws ApiError `idempotency_conflict` */
export function sameFields(found: KeyClaim, { digest }: RequestKey): KeyClaim {
  // Of a deleted video the fields are gone.
  if (found.digest !== null && found.digest !== digest) throw new ApiError('idempotency_conflict');
  return found;
}

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
