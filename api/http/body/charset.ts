import { ApiError } from '../../errors/errors.ts';

const UTF_8 = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

/**
 * Everything that comes is UTF-8, or ASCII, which is the same.
 *
 * @param contentType may name a charset
 * @throws ApiError `unsupported_media_type` where it names another
 */
export function assertUtf8Charset(contentType: string | undefined, param: string | null = null): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(contentType ?? '')?.[1];
  if (charset === undefined || UTF_8.has(charset.toLowerCase())) return;
  throw new ApiError('unsupported_media_type', { param, message: 'Send text in UTF-8; other charsets are not read.' });
}
