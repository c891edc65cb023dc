import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { ApiError, invalid } from '../../errors/errors.ts';
import { type BodyTimes, decoderOf, undecodable } from './read-bytes.ts';

/**
 * A request's body as it comes, its content coding undone, for what is too large to be held. The request's socket stays
 * open whatever happens; who stops early leaves the rest unread.
 *
 * @param maxBytes after decoding
 * @throws ApiError `body_too_large`, `request_timeout`, `unsupported_media_type` for another coding, `invalid_value` for a
 *   body that is not what its coding says or that broke off
 */
export async function* bodyChunks(
  req: IncomingMessage,
  maxBytes: number,
  times: BodyTimes,
): AsyncGenerator<Buffer, void, undefined> {
  const decoder = decoderOf(req);
  const source: Readable = decoder ? req.pipe(decoder) : req;
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => {});
  const late = () => fail(new ApiError('request_timeout'));
  const onBroken = () => {
    if (!req.complete) fail(invalid('body', 'The request broke off before its body was there.'));
  };
  const whole = setTimeout(late, times.wholeMs);
  const idle = setTimeout(late, times.idleMs);
  req.on('error', onBroken).on('close', onBroken);
  const pieces = source.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  const asApiError = async (error: Error): Promise<never> => {
    // What has broken off says so itself, and to its decoder.
    onBroken();
    return await (req.complete ? Promise.reject(undecodable(error)) : failed);
  };
  let length = 0;
  try {
    for (;;) {
      idle.refresh();
      const { done, value } = await Promise.race([pieces.next().catch(asApiError), failed]);
      if (done) return;
      length += value.length;
      if (length > maxBytes) {
        throw new ApiError('body_too_large', { message: `The body is larger than ${maxBytes} bytes.` });
      }
      yield value;
    }
  } finally {
    clearTimeout(whole);
    clearTimeout(idle);
    req.off('error', onBroken).off('close', onBroken);
    // One that waits for a piece returns only when it has come: nobody waits for it.
    void pieces.return?.().catch(() => {});
    if (decoder) {
      req.unpipe(decoder);
      decoder.on('error', () => {}).destroy();
    }
    req.pause();
  }
}
