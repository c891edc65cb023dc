import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { ApiError, invalid } from '../../errors/errors.ts';

/** Parts of a form beside its file, and their heads: more than any client sends. */
const LIMITS = { files: 1, parts: 200, fieldSize: 1024, headerPairs: 50, headerSize: 8192 };

/**
 * Hands on the file of a multipart form as it comes; the form's other fields are ignored.
 *
 * @param chunks the form's bytes; they are read to the end unless `read` fails
 * @param name of the file's field
 * @returns what `read` does
 * @throws ApiError `invalid_multipart`, `missing_required_parameter`, `invalid_value` for a second file; whatever `chunks` and
 *   `read` throw
 */
export async function readFormFile<T>(
  chunks: AsyncIterable<Buffer>,
  contentType: string,
  name: string,
  read: (file: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  let reading: Promise<T> | undefined;
  /** What stopped the form, as against what its end looks like from inside. */
  let stopped: unknown;
  const watched = async function* () {
    try {
      yield* chunks;
    } catch (error) {
      throw (stopped ??= error);
    }
  };
  const form = formReader(contentType, name);
  const stop = (error: unknown) => void form.destroy((stopped ??= error) as Error);
  form.on('filesLimit', () => stop(invalid(name, `${name} is given more than once; give it once.`)));
  form.on('partsLimit', () => stop(malformed(`it has more than ${LIMITS.parts} parts`)));
  form.on('file', (_field: string, file: BusboyFileStream) => {
    form.once('error', (error: unknown) => file.destroy(error as Error)).once('close', () => file.destroy());
    const content = async function* () {
      try {
        yield* file as AsyncIterable<Buffer>;
      } catch (error) {
        throw stopped ?? malformed((error as Error).message, error);
      }
    };
    reading = read(content());
    reading.catch(stop);
  });
  try {
    await pipeline(watched(), form);
  } catch (error) {
    await reading?.catch(() => {});
    throw stopped ?? malformed((error as Error).message, error);
  }
  if (reading !== undefined) return await reading;
  throw new ApiError('missing_required_parameter', {
    param: name,
    message: `${name} is missing: send the MP4 as the form's field ${name}.`,
  });
}

function formReader(contentType: string, name: string): BusboyInstance {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: LIMITS,
      isPartAFile: (field) => field === name,
    });
  } catch (error) {
    throw malformed((error as Error).message, error);
  }
}

const malformed = (why: string, cause?: unknown) =>
  new ApiError('invalid_multipart', { message: `The body is not a valid multipart form: ${why}.`, cause });
