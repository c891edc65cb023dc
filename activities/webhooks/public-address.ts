import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A host of this machine or of a private network, which users must not be able to reach through this service. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
}

/**
 * False for loopback, private, link-local, shared, multicast, reserved and other addresses that are not on the internet,
 * for public ones that clouds answer at from within, and for IPv6 forms that carry an IPv4 address to a gateway.
 */
export function isPublic(address: string): boolean {
  if (isIP(address) === 0) return false;
  // An IPv4 address that is written as an IPv6 one counts as what it is.
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  if (parsed.kind() === 'ipv4') return !CLOUD_SERVICES.some((range) => parsed.match(range));
  return parsed.match(GLOBAL_UNICAST) && !isIsatap(parsed as ipaddr.IPv6);
}

/** All that is handed out of IPv6: so not NAT64's `64:ff9b::/96`; 6to4 and Teredo have ranges of their own. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');
/** Of the public addresses those that only a cloud's own machines reach: Azure's wire server, IBM Cloud's services. */
const CLOUD_SERVICES = ['168.63.129.16/32', '161.26.0.0/16', '166.8.0.0/14'].map((range) => ipaddr.parseCIDR(range));

/** The last four bytes are an IPv4 address, behind `0:5efe` (RFC 5214). */
const isIsatap = ({ parts }: ipaddr.IPv6) => (parts[4]! & 0xfdff) === 0 && parts[5] === 0x5efe;

/** Names by which machines of a cloud or a cluster ask for what is theirs alone, wherever they lead. */
const INTERNAL_NAMES =
  /(?:^|\.)(?:localhost|local|internal|svc|cluster\.local)$|^(?:instance-data|metadata)(?:\.(?:packet\.net|platformequinix\.com|tencentyun\.com))?$/;

/** @throws PrivateAddressError */
export function assertPublicName(hostname: string): void {
  if (INTERNAL_NAMES.test(hostname.toLowerCase().replace(/\.$/, ''))) throw new PrivateAddressError(REFUSED);
}

const REFUSED = 'its address is private; WEBHOOK_ALLOW_PRIVATE=true allows that';

/** @throws PrivateAddressError */
export function assertPublic(address: string | undefined): void {
  if (address === undefined || !isPublic(address)) {
    throw new PrivateAddressError(REFUSED);
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
