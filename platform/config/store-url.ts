import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Where a store is: `file:///absolute/folder`, its special characters escaped, or `s3://bucket/prefix`. */
export const storeUrl = z
  .string()
  .regex(/^(file:\/\/\/|s3:\/\/[^/])/, 'must be file:///absolute/folder or s3://bucket/prefix')
  .refine((url) => !url.startsWith('file:') || isFolder(url), 'must have # as %23, ? as %3F and % as %25 in its path');

function isFolder(url: string): boolean {
  try {
    const { hash, search } = new URL(url);
    return !hash && !search && !/[#?]$/.test(url) && fileURLToPath(url).startsWith('/');
  } catch {
    return false;
  }
}
