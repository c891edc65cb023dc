import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ApiError, invalid } from '../../errors/errors.ts';

/** How long a request's body may take to come. */
export interface BodyTimes {
  /** Between two pieces of it, in ms. */
  idleMs: number;
  /** All of it, in ms. */
  wholeMs: number;
}

export const BODY_TIMES: BodyTimes = { idleMs: 10_000, wholeMs: 60_000 };

/** What came of a body. */
export interface BodyBytes {
  /** Decoded. */
  bytes: Buffer;
  /** False where there was more than was wanted: `bytes` is its beginning, and the rest has not been read. */
  whole: boolean;
}

/** Content codings that are understood (RFC 9110 §8.4.1). */
const DECODERS = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * Reads a request's body, undoing its content coding. The request's socket stays open whatever happens.
 *
 * @param maxBytes after decoding; no more than that and one piece is ever held
 * @throws ApiError `request_timeout`, `unsupported_media_type` for another coding, `invalid_value` for a body that is not
 *   what its coding says or that broke off
 */
export async function readBytes(req: IncomingMessage, maxBytes: number, times: BodyTimes): Promise<BodyBytes> {
  const decoder = decoderOf(req);
  const source: Readable = decoder ?? req;
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const onArrived = () => {
      clearTimeout(whole);
      clearTimeout(idle);
    };
    const settle = (outcome: () => void) => {
      onArrived();
      req.off('data', onPiece).off('end', onArrived).off('error', onBroken).off('close', onBroken).pause();
      source.off('data', onData).off('end', onEnd);
      if (decoder) {
        req.unpipe(decoder);
        decoder
          .off('error', onUndecodable)
          .on('error', () => {})
          .destroy();
      }
      outcome();
    };
    const late = () => settle(() => reject(new ApiError('request_timeout')));
    const onPiece = () => idle.refresh();
    const onData = (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes)
        settle(() => resolve({ bytes: Buffer.concat(chunks).subarray(0, maxBytes), whole: false }));
    };
    const onEnd = () => settle(() => resolve({ bytes: Buffer.concat(chunks), whole: true }));
    const onBroken = () => {
      if (!req.complete) settle(() => reject(invalid('body', 'The request broke off before its body was there.')));
    };
    const onUndecodable = (cause: Error) => settle(() => reject(undecodable(cause)));
    const whole = setTimeout(late, times.wholeMs);
    const idle = setTimeout(late, times.idleMs);
    req.on('data', onPiece).on('end', onArrived).on('error', onBroken).on('close', onBroken);
    source.on('data', onData).on('end', onEnd);
    if (decoder) req.pipe(decoder.on('error', onUndecodable));
  });
}

export const undecodable = (cause: Error): ApiError =>
  new ApiError('invalid_value', {
    param: 'Content-Encoding',
    message: 'The body is not what its Content-Encoding says.',
    cause,
  });

/** Undefined for a body that is sent as it is. @throws ApiError `unsupported_media_type` */
export function decoderOf(req: IncomingMessage) {
  const coding = (req.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (coding === 'identity' || coding === '') return undefined;
  const create = Object.hasOwn(DECODERS, coding) ? DECODERS[coding as keyof typeof DECODERS] : undefined;
  if (create === undefined) {
    throw new ApiError('unsupported_media_type', {
      param: 'Content-Encoding',
      message: 'Send the body as it is, or with one Content-Encoding: gzip, deflate or br.',
      headers: { 'accept-encoding': 'gzip, deflate, br' },
    });
  }
  return create();
}
