import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import {
  getMultipartBoundary,
  MaxPartsExceededError,
  type MultipartPart,
  parseMultipart,
} from '@remix-run/multipart-parser';
import { ApiError, invalid } from '../../errors/errors.ts';
import { assertUtf8Charset } from './charset.ts';
import { type BodyTimes, readBytes } from './read-bytes.ts';

/** What a form holds: text as strings, `a[b]` as objects, `a[]` as arrays. No prototype. */
export type FormFields = Record<string, unknown>;

/** Parts of a form: more than any client sends, fewer than it takes to keep a process busy. */
const MAX_PARTS = 200;
/** What a part takes beside its text: boundary and headers. */
const PART_OVERHEAD_BYTES = 1024;

/**
 * Reads a multipart form of texts, whatever content type they have. A part with a filename is a file, which this server
 * does not take: it is refused by name as soon as its head has come.
 *
 * @param maxTextBytes of all parts together
 * @throws ApiError `invalid_multipart`, `body_too_large`, `invalid_value` for a file and a field that comes twice, and as
 *   {@link readBytes}
 */
export async function readMultipart(req: IncomingMessage, maxTextBytes: number, times: BodyTimes): Promise<FormFields> {
  const boundary = boundaryOf(req.headers['content-type']);
  const { bytes, whole } = await readBytes(req, maxTextBytes + MAX_PARTS * PART_OVERHEAD_BYTES, times);
  const parts = partsOf(bytes, boundary, whole);
  const texts = parts.map(textPart);
  const textBytes = parts.reduce((sum, { size }) => sum + size, 0);
  if (!whole || textBytes > maxTextBytes) throw tooLarge(`The form's text is larger than ${maxTextBytes} bytes.`);
  const fields = Object.create(null) as FormFields;
  for (const [name, read] of texts) setField(fields, name, read());
  return fields;
}

function boundaryOf(contentType = ''): string {
  const boundary = getMultipartBoundary(contentType);
  if (!boundary) throw malformed('its Content-Type names no boundary');
  // RFC 2046 §5.1.1.
  if (!/^[\x20-\x7e]{1,70}$/.test(boundary)) throw malformed('its boundary is not 1 to 70 characters of ASCII');
  return boundary;
}

/** Of a form that goes on, what has come: a file, which mostly makes it so long, is found by its name. */
function partsOf(bytes: Buffer, boundary: string, whole: boolean): MultipartPart[] {
  // Its parser wants the first boundary at the very beginning; a preamble is to be ignored (RFC 2046 §5.1.1).
  const preamble = bytes.indexOf(`\r\n--${boundary}`);
  const from = bytes.indexOf(`--${boundary}`) === 0 || preamble === -1 ? 0 : preamble + 2;
  const { length } = bytes;
  const limits = { maxParts: MAX_PARTS, maxFileSize: length, maxTotalSize: length };
  const pieces = [bytes.subarray(from), ...(whole ? [] : [Buffer.from(`\r\n--${boundary}--\r\n`)])];
  try {
    return [...parseMultipart(pieces, { boundary, ...limits })];
  } catch (error) {
    if (!whole) return [];
    if (error instanceof MaxPartsExceededError) throw tooLarge(`The form has more than ${MAX_PARTS} parts.`);
    throw malformed((error as Error).message, error);
  }
}

/** A part's name, and what reads its text. */
function textPart(part: MultipartPart): [name: string, read: () => string] {
  const { name, filename } = headOf(part);
  if (name === undefined || name === '') throw new ApiError('invalid_multipart', { message: 'A part has no name.' });
  if (filename !== undefined && filename !== '') {
    const field = pathOf(name)[0]!;
    throw invalid(field, `${field} cannot be used: this server makes videos from text only. Leave it out.`);
  }
  return [name, () => textOf(part, name)];
}

function headOf(part: MultipartPart) {
  try {
    return { name: part.name, filename: part.filename };
  } catch (error) {
    throw malformed('the head of a part is not UTF-8', error);
  }
}

/** Bytes that are not UTF-8 would turn into replacement characters: another prompt than the one that was sent. */
function textOf(part: MultipartPart, name: string): string {
  assertUtf8Charset(part.headers['content-type'], name);
  const coding = part.headers['content-transfer-encoding'] ?? 'binary';
  if (!/^(7bit|8bit|binary)$/i.test(coding)) {
    throw new ApiError('unsupported_media_type', { param: name, message: `${name} must be sent without an encoding.` });
  }
  const bytes = Buffer.from(part.bytes);
  if (!isUtf8(bytes)) {
    throw new ApiError('invalid_multipart', { param: name, message: `${name} is not text in UTF-8.` });
  }
  const text = lineFeeds(bytes.toString('utf8'));
  // RFC 7578 §4.6: the charset of all parts that name none.
  if (name === '_charset_') assertUtf8Charset(`text/plain; charset=${text}`, name);
  return text;
}

const tooLarge = (message: string) => new ApiError('body_too_large', { message });
const malformed = (why: string, cause?: unknown) =>
  new ApiError('invalid_multipart', { message: `The body is not a valid multipart form: ${why}.`, cause });

/** Forms carry line ends as CR LF whatever was typed (HTML standard, "multipart/form-data encoding algorithm"). */
const lineFeeds = (text: string) => text.replaceAll('\r\n', '\n');

/** `a[b][]` is `['a', 'b', '']`. */
function pathOf(name: string): string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\]){1,4})$/.exec(name);
  return match ? [match[1]!, ...match[2]!.slice(1, -1).split('][')] : [name];
}

/** Puts a part under its name; `a[b]` and `a[]`, as SDKs write nested values, become objects and arrays. */
function setField(fields: FormFields, name: string, value: string): void {
  const path = pathOf(name);
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
  if (typeof value !== 'object' || value === null)
    throw invalid(param, `${name} is given more than once; give it once.`);
  return value as FormFields | unknown[];
}
