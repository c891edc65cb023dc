import { z } from 'zod';

/** Settings of the audit trail. */
export const auditEnv = z.object({
  /** File that it is appended to, a line of JSON each; without one it is in the log, as lines with `"audit": true`. */
  AUDIT_LOG_FILE: z.string().optional(),
  /** What is kept of a client's address: all, its network (/24 of IPv4, /48 of IPv6), or nothing. */
  AUDIT_ADDRESS: z.enum(['full', 'truncated', 'none']).default('full'),
});
export type AuditConfig = z.infer<typeof auditEnv>;
