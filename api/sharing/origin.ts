import type { Request } from 'express';
import { invalid } from '../errors/errors.ts';

/**
 * Scheme and host that the client asked, as proxies tell them that are trusted.
 *
 * @throws ApiError `invalid_value` where that is no host
 */
export function originOf(req: Request): string {
  try {
    const { protocol, origin } = new URL(`${req.protocol}://${req.host}`);
    if (protocol === 'http:' || protocol === 'https:') return origin;
  } catch {
    // Told below.
  }
  throw invalid('Host', 'Host must be the name or address of this service.');
}
