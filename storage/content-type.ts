import { extname } from 'node:path';

const BY_EXTENSION: Record<string, string> = {
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.mkv': 'video/x-matroska',
  '.mp4': 'video/mp4',
  '.webp': 'image/webp',
};

/** The content type that a key's extension stands for. */
export function contentTypeOf(key: string): string {
  return BY_EXTENSION[extname(key)] ?? 'application/octet-stream';
}
