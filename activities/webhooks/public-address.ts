import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A host of this machine or of a private network, which users must not be able to reach through this service. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
}

/** False for loopback, private, link-local, shared, multicast, reserved and other addresses that are not on the internet. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 0) return false;
  // An IPv4 address that is written as an IPv6 one counts as what it is.
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_UNICAST);
}

/** All that is handed out of IPv6. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

/** @throws PrivateAddressError */
export function assertPublic(address: string | undefined): void {
  if (address === undefined || !isPublic(address)) {
    throw new PrivateAddressError('its address is private; WEBHOOK_ALLOW_PRIVATE=true allows that');
  }
}

/** `dns.lookup`, failing with {@link PrivateAddressError} where any of a name's addresses is not public. */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) {
      callback(error, []);
      return;
    }
    try {
      for (const { address } of addresses) assertPublic(address);
    } catch (refusal) {
      callback(refusal as Error, []);
      return;
    }
    if (options.all) callback(null, addresses);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};
