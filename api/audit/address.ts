import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { AuditConfig } from '../../platform/audit/config.ts';

/** What is kept of a client's address; null for nothing. */
export function addressFor(how: AuditConfig['AUDIT_ADDRESS'], address: string | undefined): string | null {
  if (how === 'none' || address === undefined || isIP(address) === 0) return null;
  const parsed = ipaddr.process(address);
  if (how === 'full') return parsed.toString();
  const bytes = parsed.toByteArray();
  const kept = parsed.kind() === 'ipv4' ? 3 : 6;
  return ipaddr.fromByteArray(bytes.map((byte, index) => (index < kept ? byte : 0))).toString();
}
