import ipaddr from 'ipaddr.js';
import type { Request } from 'express';
import { z } from 'zod';

/** Names of ranges that may stand for their addresses. */
const RANGES = ['loopback', 'linklocal', 'uniquelocal'];

/** Proxies whose `X-Forwarded-For` is believed: addresses, ranges as `10.0.0.0/8`, and names of ranges, separated by commas. */
export const trustedProxies = z
  .string()
  .default('')
  .transform((list) => list.split(',').map((one) => one.trim()))
  .transform((list) => list.filter((one) => one !== ''))
  .refine(
    (list) => list.every((one) => RANGES.includes(one) || ipaddr.isValid(one) || ipaddr.isValidCIDR(one)),
    `must be addresses, ranges such as 10.0.0.0/8, or ${RANGES.join(', ')}`,
  );

/** Where a request comes from: the other end of its connection, or what proxies say of it that are trusted; empty once it has gone. */
export const clientAddress = (req: Request): string => req.ip ?? '';

/** The address by which clients are told apart: of IPv6 its first half, as one client mostly has all of the other. */
export function clientNetwork(req: Request): string {
  const address = clientAddress(req);
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv4' ? parsed.toString() : parsed.toByteArray().slice(0, 8).join('.');
}
