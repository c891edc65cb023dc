import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** An address to listen on: an IP address, an IPv6 one with or without brackets, or a host name. */
export const host = z
  .string()
  .transform((text) => text.replace(/^\[(.*)\]$/, '$1'))
  .refine(
    // Without a zone, which no URL can hold.
    (text) =>
      (isIP(text) !== 0 && !text.includes('%')) || /^[\p{L}\p{N}_]([\p{L}\p{N}._-]*[\p{L}\p{N}_])?\.?$/u.test(text),
    'must be an IP address or a host name, e.g. 127.0.0.1, ::1, 0.0.0.0',
  );

/** A host as it stands in a URL: an IPv6 address in brackets. */
export const inUrl = (name: string): string => (name.includes(':') ? `[${name}]` : name);

/** A host for URLs of a server on this machine that is bound to `name`; "all addresses" is not one that can be asked. */
export function localHostInUrl(name: string): string {
  if (name === '0.0.0.0') return '127.0.0.1';
  return isIP(name) === 6 && new URL(`http://[${name}]`).hostname === '[::]' ? '[::1]' : inUrl(name);
}

/** Whether a name, with or without brackets, means this machine everywhere: no foreign name can be made to lead here. */
export function isThisMachine(name: string): boolean {
  const bare = name.replace(/^\[|\]$/g, '');
  return (
    bare === 'localhost' ||
    bare.endsWith('.localhost') ||
    (isIP(bare) !== 0 && ipaddr.process(bare).range() === 'loopback')
  );
}
