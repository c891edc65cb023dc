import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable, addAbortSignal } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type S3Client,
  S3ServiceException,
  type _Error as S3Error,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { S3Settings } from './config.ts';
import type { CircuitOptions } from '../platform/flow/circuit.ts';
import { contentTypeOf } from './content-type.ts';
import { assertKey, assertPrefix } from './keys.ts';
import {
  type ByteRange,
  type ObjectInfo,
  ObjectNotFoundError,
  type ObjectStore,
  type PutOptions,
  type RefusedPermissions,
  StoreDeniedError,
  StoreUnavailableError,
} from './object-store.ts';
import { leaveAloneWhenDown } from './s3-circuit.ts';
import { s3Client, ignoreAbsent, isAbsent, isOutage, reasonOf } from './s3-client.ts';
import { refusedPermissions } from './s3-permissions.ts';

export interface S3StoreOptions extends S3Settings {
  bucket: string;
  /** Folder within the bucket, without slashes at its ends; empty for the whole bucket. */
  prefix: string;
  /** Objects asked for at once when listing. @default 1000 */
  pageSize?: number;
  /** When a server that is down is left alone. @default after 5 failures in a row, for 5 s */
  circuit?: CircuitOptions;
}

/** Larger objects go up in parts of this size: 10,000 parts, S3's limit, make 80 GiB. */
const PART_BYTES = 8 * 1024 * 1024;
/** Parts on the way at once; with the part size it bounds the memory of one upload to 24 MiB. */
const PARTS_AT_ONCE = 3;
const CIRCUIT: CircuitOptions = { failures: 5, pauseMs: 5_000 };

/** A bucket, or a folder in one, of any server that speaks S3. Uploads in parts become visible at their end only. */
export class S3Store implements ObjectStore {
  readonly url: string;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #pageSize: number;

  constructor(options: S3StoreOptions) {
    this.#bucket = options.bucket;
    this.#prefix = options.prefix === '' ? '' : `${options.prefix}/`;
    this.#pageSize = options.pageSize ?? 1000;
    this.url = `s3://${options.bucket}/${options.prefix}`;
    this.#client = s3Client(options);
    leaveAloneWhenDown(this.#client, this.url, options.circuit ?? CIRCUIT);
  }

  /** An abort is heeded while the body is read; one that comes later finds the object published. */
  async put(key: string, body: Uint8Array | Readable, options: PutOptions = {}): Promise<ObjectInfo> {
    const { signal, contentType = contentTypeOf(key) } = options;
    const target = this.#object(key);
    // Its errors are thrown by what reads it; before that, and after, none of them may end the process.
    if (body instanceof Readable) body.on('error', () => {});
    signal?.throwIfAborted();
    let bytes = body instanceof Readable ? 0 : body.byteLength;
    if (body instanceof Readable) body.on('data', (chunk: Uint8Array) => (bytes += chunk.byteLength)).pause();
    // Ending the source makes the upload take its parts back before it rejects; its own `abort` does not wait for that.
    if (signal && body instanceof Readable) addAbortSignal(signal, body);
    try {
      const upload = new Upload({
        client: this.#client,
        params: { ...target, Body: body, ContentType: contentType },
        partSize: PART_BYTES,
        queueSize: PARTS_AT_ONCE,
      });
      const { ETag } = await upload.done();
      return { key, bytes, etag: ETag ?? '', modifiedAt: Math.floor(Date.now() / 1000), contentType };
    } finally {
      if (body instanceof Readable) body.destroy();
    }
  }

  putFile(key: string, path: string, options?: PutOptions): Promise<ObjectInfo> {
    return this.put(key, createReadStream(path), options);
  }

  async head(key: string): Promise<ObjectInfo | null> {
    try {
      return infoOf(key, await this.#client.send(new HeadObjectCommand(this.#object(key))));
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  async get(key: string, range?: ByteRange): Promise<{ info: ObjectInfo; body: Readable }> {
    return this.#get(key, range);
  }

  async getToFile(key: string, path: string, signal?: AbortSignal): Promise<ObjectInfo> {
    const { info, body } = await this.#get(key, undefined, signal);
    const temporary = `${path}.${randomUUID()}`;
    try {
      await pipeline(body, createWriteStream(temporary, { flags: 'wx' }), { signal });
      const { size } = await stat(temporary);
      if (size !== info.bytes) throw new Error(`Got ${size} of the ${info.bytes} bytes of ${key}`);
      await rename(temporary, path);
      return info;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async delete(key: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand(this.#object(key)));
  }

  /** Also takes back the parts of uploads that a killed process left unfinished, where it may. */
  async deletePrefix(prefix: string): Promise<void> {
    assertPrefix(prefix);
    if (prefix === '') throw new TypeError('Refusing to delete a whole store');
    const below = { Bucket: this.#bucket, Prefix: this.#prefix + prefix };
    for (;;) {
      const { Contents = [] } = await this.#client.send(
        new ListObjectsV2Command({ ...below, MaxKeys: this.#pageSize }),
      );
      if (Contents.length === 0) break;
      await this.#deleteObjects(Contents.map(({ Key = '' }) => Key));
    }
    await this.#abortUploads(below).catch(ifDenied);
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    assertPrefix(prefix);
    let ContinuationToken: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: this.#prefix + prefix,
          MaxKeys: this.#pageSize,
          ContinuationToken,
        }),
      );
      for (const { Key = '', Size, ETag, LastModified } of page.Contents ?? []) {
        yield infoOf(Key.slice(this.#prefix.length), { ContentLength: Size, ETag, LastModified });
      }
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  refused(): Promise<RefusedPermissions> {
    return refusedPermissions(this.#client, this.#bucket, this.#prefix).catch((error: unknown) => {
      throw isOutage(error)
        ? new StoreUnavailableError(`${this.url} cannot be used: ${reasonOf(error)}`, { cause: error })
        : error;
    });
  }

  async check(): Promise<void> {
    try {
      await this.#client.send(new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: this.#prefix, MaxKeys: 1 }));
    } catch (error) {
      if (error instanceof StoreDeniedError) throw error;
      const message = `${this.url} cannot be used: ${reasonOf(error)}`;
      throw isOutage(error)
        ? new StoreUnavailableError(message, { cause: error })
        : new Error(message, { cause: error });
    }
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  async #get(key: string, range?: ByteRange, signal?: AbortSignal): Promise<{ info: ObjectInfo; body: Readable }> {
    try {
      const found = await this.#client.send(
        new GetObjectCommand({ ...this.#object(key), Range: range && `bytes=${range.start}-${range.end}` }),
        { abortSignal: signal },
      );
      const total = found.ContentRange?.split('/')[1];
      const info = infoOf(key, { ...found, ContentLength: total === undefined ? found.ContentLength : Number(total) });
      return { info, body: found.Body as Readable };
    } catch (error) {
      if (isAbsent(error)) throw new ObjectNotFoundError(`No object ${key} in ${this.url}`, { cause: error });
      if (range && error instanceof S3ServiceException && error.$metadata.httpStatusCode === 416) {
        throw new RangeError(`Bytes ${range.start}-${range.end} lie outside of ${key}`, { cause: error });
      }
      throw error;
    }
  }

  async #deleteObjects(keys: string[]): Promise<void> {
    const Bucket = this.#bucket;
    try {
      const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
      const { Errors: [first] = [] } = await this.#client.send(new DeleteObjectsCommand({ Bucket, Delete }));
      if (first?.Code === 'AccessDenied') throw new StoreDeniedError('s3:DeleteObject', notDeleted(this.url, first));
      if (first) throw new Error(notDeleted(this.url, first));
    } catch (error) {
      if (!(error instanceof StoreDeniedError)) throw error;
      // Not every server takes several at once.
      for (const Key of keys) await this.#client.send(new DeleteObjectCommand({ Bucket, Key }));
    }
  }

  async #abortUploads(below: { Bucket: string; Prefix: string }): Promise<void> {
    const { Uploads = [] } = await this.#client.send(new ListMultipartUploadsCommand(below));
    for (const { Key, UploadId } of Uploads) {
      await this.#client
        .send(new AbortMultipartUploadCommand({ Bucket: this.#bucket, Key, UploadId }))
        .catch(ignoreAbsent);
    }
  }

  #object(key: string): { Bucket: string; Key: string } {
    assertKey(key);
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }
}

const notDeleted = (url: string, { Key, Code, Message }: S3Error) => `${url} did not delete ${Key}: ${Code} ${Message}`;

/** What is left of uploads is for the bucket's lifecycle rule then. */
function ifDenied(error: unknown): void {
  if (!(error instanceof StoreDeniedError)) throw error;
}

interface Found {
  ContentLength?: number | undefined;
  ETag?: string | undefined;
  LastModified?: Date | undefined;
  ContentType?: string | undefined;
}

function infoOf(key: string, { ContentLength = 0, ETag = '', LastModified, ContentType }: Found): ObjectInfo {
  return {
    key,
    bytes: ContentLength,
    etag: ETag,
    modifiedAt: Math.floor((LastModified?.getTime() ?? 0) / 1000),
    contentType: ContentType ?? contentTypeOf(key),
  };
}
