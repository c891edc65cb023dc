import { isUtf8 } from 'node:buffer';
import { json, type RequestHandler } from 'express';
import { ApiError, invalid } from './errors.ts';
import { readMultipart } from './multipart.ts';

/**
 * Reads the body of a request, JSON or multipart, into `req.body`: one object of fields, still unchecked. Without a
 * body it is empty.
 *
 * @param maxBytes of the JSON, or of a form's text
 */
export function readBody(maxBytes: number): RequestHandler {
  const readJson = json({ limit: maxBytes, type: () => true, verify: refuseOtherEncodings });
  return (req, res, next) => {
    const type = req.is(['json', '+json', 'multipart/form-data']);
    if (type === null || req.get('content-length') === '0') {
      req.body = {};
      next();
    } else if (type === false) {
      next(new ApiError('unsupported_media_type'));
    } else if (type === 'multipart/form-data') {
      readMultipart(req, maxBytes).then((fields) => {
        req.body = fields;
        next();
      }, next);
    } else {
      readJson(req, res, (error?: unknown) => {
        if (error !== undefined) next(error);
        else next(checkObject((req.body ??= {})));
      });
    }
  };
}

/** Bytes that are not UTF-8 would turn into replacement characters: another prompt than the one that was sent. */
function refuseOtherEncodings(_req: unknown, _res: unknown, body: Buffer): void {
  if (!isUtf8(body)) throw new Error('not UTF-8');
}

function checkObject(body: object): ApiError | undefined {
  if (Array.isArray(body)) {
    return new ApiError('invalid_json', {
      message: 'The body must be a JSON object, e.g. {"prompt": "a red circle"}.',
    });
  }
  return Object.hasOwn(body, '__proto__') ? invalid('__proto__', '__proto__ is not a field; leave it out.') : undefined;
}
