import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { ApiError, invalid } from '../../errors/errors.ts';
import { assertUtf8Charset } from './charset.ts';
import { BODY_TIMES, type BodyTimes, readBytes } from './read-bytes.ts';
import { repeatedName } from './json.ts';
import { readMultipart } from './multipart.ts';

/**
 * Reads the body of a request, JSON or multipart, into `req.body`: one object of fields, still unchecked. Without a
 * body it is empty.
 *
 * @param maxBytes of the JSON, or of a form's text
 */
export function readBody(maxBytes: number, times: BodyTimes = BODY_TIMES): RequestHandler {
  return async (req, res, next) => {
    const type = req.is(['json', '+json', 'multipart/form-data']);
    if (type === null || req.get('content-length') === '0') {
      req.body = {};
      next();
      return;
    }
    if (type === false) throw new ApiError('unsupported_media_type');
    assertUtf8Charset(req.get('content-type'));
    // Only now: a client that waits to be asked for its body sends none that is refused by its head.
    if (req.get('expect') !== undefined) res.writeContinue();
    const read = type === 'multipart/form-data' ? readMultipart : readJson;
    req.body = await read(req, maxBytes, times);
    next();
  };
}

async function readJson(req: IncomingMessage, maxBytes: number, times: BodyTimes): Promise<object> {
  const { bytes, whole } = await readBytes(req, maxBytes, times);
  if (!whole) throw new ApiError('body_too_large', { message: `The body is larger than ${maxBytes} bytes.` });
  if (bytes.length === 0) return {};
  const { value, text } = parsed(bytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ApiError('invalid_json', {
      message: 'The body must be a JSON object, e.g. {"prompt": "a red circle"}.',
    });
  }
  if (Object.hasOwn(value, '__proto__')) throw invalid('__proto__', '__proto__ is not a field; leave it out.');
  const repeated = repeatedName(text)?.slice(0, 100) ?? null;
  if (repeated !== null) throw invalid(repeated, `${repeated} is given more than once; give it once.`);
  return value;
}

/** Bytes that are not UTF-8 would turn into replacement characters: another prompt than the one that was sent. */
function parsed(bytes: Buffer): { value: unknown; text: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { value: JSON.parse(text), text };
  } catch (cause) {
    throw new ApiError('invalid_json', { cause });
  }
}
