import type { Readable } from 'node:stream';

/** What a store knows of an object without reading it. */
export interface ObjectInfo {
  key: string;
  bytes: number;
  /** Quoted, as HTTP sends it; changes whenever the bytes change. */
  etag: string;
  /** Unix seconds. */
  modifiedAt: number;
  contentType: string;
}

export interface PutOptions {
  /** What S3 remembers of the object; a folder goes by the key's extension alone. @default by the key's extension */
  contentType?: string;
  /** Aborts the write; nothing becomes visible under the key. */
  signal?: AbortSignal;
}

/** First and last byte, both inclusive, as in HTTP. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * Where large bytes live: scratch (checkpoints, lossless frames) and artefacts (finished files). A put is atomic: a
 * reader sees the old object, or the whole new one, or none. Keys are `/`-separated names of `[A-Za-z0-9._-]`
 * that do not begin with a dot.
 *
 * Errors: {@link ObjectNotFoundError} from reads of a key that is not there; `InvalidKeyError` and TypeError for what no
 * store takes; {@link StoreUnavailableError} at once from a store that is left alone because it has failed again and again;
 * {@link StoreDeniedError} for what a retry cannot help; everything else is worth one.
 */
export interface ObjectStore {
  /** For logs, e.g. `file:///data/scratch` or `s3://bucket/prefix`. */
  readonly url: string;
  put(key: string, body: Uint8Array | Readable, options?: PutOptions): Promise<ObjectInfo>;
  /** Uploads a local file. */
  putFile(key: string, path: string, options?: PutOptions): Promise<ObjectInfo>;
  /** Null where there is no such object. */
  head(key: string): Promise<ObjectInfo | null>;
  /**
   * The whole object, or a part of it (an end beyond the object's is cut off); `info.bytes` is the whole. The stream must
   * be read or destroyed. @throws RangeError where the part begins beyond the object's end.
   */
  get(key: string, range?: ByteRange): Promise<{ info: ObjectInfo; body: Readable }>;
  /** Downloads to a local file, atomically; a local store may link instead of copying. */
  getToFile(key: string, path: string, signal?: AbortSignal): Promise<ObjectInfo>;
  /** Idempotent: no error where there is nothing. */
  delete(key: string): Promise<void>;
  /** Deletes every object below `prefix` (which ends in `/`). Idempotent. */
  deletePrefix(prefix: string): Promise<void>;
  /** Every object below `prefix`, in key order. */
  list(prefix: string): AsyncIterable<ObjectInfo>;
  /**
   * Fails where the store cannot be used: missing bucket, no rights, read-only folder; as {@link StoreUnavailableError}
   * where waiting may help.
   */
  check(): Promise<void>;
  /**
   * Tries everything that a worker does with a store, without harm, and says what is refused.
   *
   * @throws {@link StoreUnavailableError} where there was no answer
   */
  refused(): Promise<RefusedPermissions>;
  close(): Promise<void>;
}

/** A read of a key that is not there. */
export class ObjectNotFoundError extends Error {
  override readonly name = 'ObjectNotFoundError';
}

/** The store does not answer, or not usefully. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

/** The store has refused it and will do so again: a permission is missing, or it does not offer this at all. */
export class StoreDeniedError extends Error {
  override readonly name = 'StoreDeniedError';
  /** E.g. `s3:PutObject`. */
  readonly permission: string;

  constructor(permission: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.permission = permission;
  }
}

/** Permissions that a store was found to refuse, by their names there. */
export interface RefusedPermissions {
  /** Without them a worker can do nothing useful. */
  needed: string[];
  /** Without them something is left to others, e.g. to a lifecycle rule. */
  optional: string[];
}

/** The store's refusal in an error or its causes; null where there is none. */
export function deniedIn(error: unknown): StoreDeniedError | null {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof StoreDeniedError) return at;
  return null;
}
