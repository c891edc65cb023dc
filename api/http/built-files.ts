import type { ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import expressStaticGzip from 'express-static-gzip';

interface BuiltFilesOptions {
  /** Of the folder's own address; false for none. */
  index: string | false;
  setHeaders: (res: ServerResponse, path: string) => void;
}

/** Files of a folder, in the coding that the client takes: Brotli and gzip were made when they were built. */
export function builtFiles(folder: string, { index, setHeaders }: BuiltFilesOptions): RequestHandler {
  const files = expressStaticGzip(folder, {
    enableBrotli: true,
    orderPreference: ['br', 'gzip'],
    index: index as string,
    // A part of a coded file is of no use to anyone.
    serveStatic: { redirect: false, index, acceptRanges: false, setHeaders },
  }) as RequestHandler;
  return (req, res, next) => {
    if (['GET', 'HEAD'].includes(req.method) && isDecodable(req.path)) files(req, res, next);
    else next();
  };
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
