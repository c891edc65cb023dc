import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { ApiDescription } from './api-description.ts';
import { faults } from './response-faults.ts';

const description = new ApiDescription();

/** Looks at a response as it is written, and holds it to the API's description when it ends. */
export function checkResponse(req: IncomingMessage, res: ServerResponse): void {
  const chunks: Buffer[] = [];
  const keep = (chunk: unknown) => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  // Express shortens it while a mounted router is at work.
  const path = req.url!.split('?')[0]!;
  const write = res.write.bind(res) as (...args: unknown[]) => boolean;
  const end = res.end.bind(res) as (...args: unknown[]) => ServerResponse;
  res.write = (...args: unknown[]) => (keep(args[0]), write(...args));
  res.end = (...args: unknown[]) => (keep(args[0]), end(...args));
  res.once('finish', () => {
    const body = decoded(Buffer.concat(chunks), res.getHeader('content-encoding')).toString('utf8');
    const seen = { method: req.method!, path, status: res.statusCode, headers: res.getHeaders(), body };
    for (const fault of description.faults(seen)) faults.add(fault);
  });
}

function decoded(body: Buffer, coding: unknown): Buffer {
  if (body.length === 0) return body;
  return coding === 'br' ? brotliDecompressSync(body) : coding === 'gzip' ? gunzipSync(body) : body;
}
