import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import busboy from 'busboy';
import { ApiError, invalid } from './errors.ts';
import { DRAIN_BYTES } from './http/drain.ts';

/** A part with a filename. Its bytes are thrown away: this server takes no files, it only says so by name. */
export class FilePart {
  readonly filename: string;

  constructor(filename: string) {
    this.filename = filename;
  }
}

/** What a form holds: text as strings, `a[b]` as objects, `a[]` as arrays, files as {@link FilePart}. No prototype. */
export type FormFields = Record<string, unknown>;

/** Parts of a form: more than any client sends, fewer than it takes to keep a process busy. */
const MAX_PARTS = 200;

/**
 * Reads a multipart form. A part is a file only if it has a filename; text parts may have any content type.
 *
 * @param maxTextBytes of all text parts together
 * @throws ApiError `invalid_multipart`, `body_too_large`, or `invalid_value` for a field that comes twice
 */
export function readMultipart(req: IncomingMessage, maxTextBytes: number): Promise<FormFields> {
  return new Promise((resolve, reject) => {
    const fields = Object.create(null) as FormFields;
    let textBytes = 0;
    let allBytes = 0;

    const fail = (error: unknown) => {
      req.unpipe();
      req.off('data', countAll);
      reject(error instanceof ApiError ? error : malformed(error as Error));
    };
    const countAll = (chunk: Buffer) => {
      allBytes += chunk.length;
      if (allBytes > DRAIN_BYTES) fail(tooLarge(`The form is larger than ${DRAIN_BYTES} bytes.`));
    };
    const countText = (bytes: number) => {
      textBytes += bytes;
      if (textBytes > maxTextBytes) throw tooLarge(`The form's text is larger than ${maxTextBytes} bytes.`);
    };
    const put = (name: string | undefined, value: string | FilePart) => {
      if (name === undefined) throw new ApiError('invalid_multipart', { message: 'A part of the form has no name.' });
      setField(fields, name, value);
    };
    const guarded = (work: () => void) => {
      try {
        work();
      } catch (error) {
        fail(error);
      }
    };

    let parser: busboy.Busboy;
    try {
      parser = busboy({ headers: req.headers, limits: { fieldSize: maxTextBytes + 1, parts: MAX_PARTS } });
    } catch (error) {
      fail(error);
      return;
    }
    parser.on('field', (name: string | undefined, value) => {
      guarded(() => {
        countText(Buffer.byteLength(value));
        put(name, lineFeeds(value));
      });
    });
    parser.on('file', (name: string | undefined, part: Readable, { filename }: { filename?: string }) => {
      if (filename !== undefined) {
        guarded(() => put(name, new FilePart(filename)));
        part.resume();
        return;
      }
      // busboy takes every part of type application/octet-stream for a file; without a filename it is text.
      const chunks: Buffer[] = [];
      part.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        guarded(() => countText(chunk.length));
      });
      part.on('end', () => guarded(() => put(name, lineFeeds(Buffer.concat(chunks).toString('utf8')))));
    });
    parser.on('partsLimit', () => fail(tooLarge(`The form has more than ${MAX_PARTS} parts.`)));
    parser.on('error', fail);
    parser.on('close', () => resolve(fields));
    req.on('close', () => {
      if (!req.complete) fail(new Error('the request broke off'));
    });
    req.on('data', countAll);
    req.pipe(parser);
  });
}

const tooLarge = (message: string) => new ApiError('body_too_large', { message });
const malformed = (cause: Error) =>
  new ApiError('invalid_multipart', { message: `The body is not a valid multipart form: ${cause.message}.`, cause });

/** Forms carry line ends as CR LF whatever was typed (HTML standard, "multipart/form-data encoding algorithm"). */
const lineFeeds = (text: string) => text.replaceAll('\r\n', '\n');

/** Puts a part under its name; `a[b]` and `a[]`, as SDKs write nested values, become objects and arrays. */
function setField(fields: FormFields, name: string, value: string | FilePart): void {
  const match = /^([^[\]]+)((?:\[[^[\]]*\]){1,4})$/.exec(name);
  const path = match ? [match[1]!, ...match[2]!.slice(1, -1).split('][')] : [name];
  if (path.includes('__proto__')) throw invalid('__proto__', '__proto__ is not a field; leave it out.');
  let holder: FormFields | unknown[] = fields;
  for (const [depth, key] of path.entries()) {
    const last = depth === path.length - 1;
    const next = path[depth + 1] === '' ? [] : (Object.create(null) as FormFields);
    if (Array.isArray(holder)) {
      if (key !== '') throw invalid(path[0]!, `${name} mixes a list and named values.`);
      holder.push(last ? value : next);
      holder = next;
    } else if (last || !(key in holder)) {
      if (key in holder) throw invalid(path[0]!, `${name} is given more than once; give it once.`);
      holder[key] = last ? value : next;
      holder = next;
    } else {
      holder = nested(holder[key], path[0]!, name);
    }
  }
}

function nested(value: unknown, param: string, name: string): FormFields | unknown[] {
  if (typeof value !== 'object' || value === null || value instanceof FilePart) {
    throw invalid(param, `${name} is given more than once; give it once.`);
  }
  return value as FormFields | unknown[];
}
