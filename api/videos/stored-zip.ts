import type { PassThrough, Readable } from 'node:stream';
import { ZipFile } from 'yazl';

/** A file of a ZIP. */
export interface ZipEntry {
  name: string;
  bytes: number;
  /** When it was last changed, unix seconds. */
  modifiedAt: number;
  /** Called when the files before it are through. */
  open: () => Promise<Readable>;
}

/** A ZIP as a stream: one file is open at a time, and is read as fast as the stream is. */
export interface ZipStream {
  /** Destroying it ends the file that is being read, too. */
  stream: Readable;
  /** Of the whole ZIP. */
  bytes: number;
}

/** A ZIP of files that are stored as they are, with a text at its end where there is one. */
export function storedZip(entries: readonly ZipEntry[], text?: { name: string; content: string }): ZipStream {
  const zip = new ZipFile();
  const stream = zip.outputStream as PassThrough;
  const fail = (error: unknown) => void stream.destroy(error as Error);
  zip.on('error', fail);
  let current: Readable | undefined;
  stream.once('close', () => current?.destroy());
  for (const { name, bytes, modifiedAt, open } of entries) {
    const options = { compress: false, size: bytes, mtime: new Date(modifiedAt * 1000) };
    zip.addReadStreamLazy(name, options, (give) => {
      open().then((body) => {
        current = body;
        body.on('error', fail);
        if (stream.destroyed) body.destroy();
        else give(null, body);
      }, fail);
    });
  }
  if (text !== undefined) zip.addBuffer(Buffer.from(text.content), text.name, { compress: false });
  let bytes = 0;
  // All sizes are known, so it is told at once.
  const told = (size?: number) => (bytes = size!);
  zip.end(undefined, told);
  return { stream, bytes };
}
