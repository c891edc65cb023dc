import { appendFile } from 'node:fs/promises';
import { ConfigError } from '../config/config.ts';
import { LineWriter } from '../log/line-writer.ts';
import type { Logger } from '../log/logger.ts';

/** One thing that was done, or refused. Never holds a key or a prompt. */
export interface AuditEntry {
  /** E.g. `video.create`. */
  action: string;
  account: string | null;
  /** {@link keyId} of the key that was used, or that was changed. */
  key: string | null;
  [more: string]: unknown;
}

export interface AuditLog {
  write(entry: AuditEntry): void;
  /** Once everything is written. */
  close(): Promise<void>;
}

/** Some ten thousand lines. */
const WAITING_BYTES = 4_000_000;

/**
 * The audit trail: lines of JSON in a file of their own, or in the log.
 *
 * @throws ConfigError where the file cannot be written
 */
export async function openAuditLog(file: string | undefined, log: Logger): Promise<AuditLog> {
  if (file === undefined) {
    // Whatever LOG_LEVEL says, short of silent.
    const lines = log.level === 'silent' ? log : log.child({ audit: true }, { level: 'info' });
    return { write: (entry) => lines.info(entry, 'Audit'), close: () => Promise.resolve() };
  }
  await appendFile(file, '', { mode: 0o600 }).catch((error: Error) => {
    throw new ConfigError(`AUDIT_LOG_FILE=${file} cannot be written: ${error.message}.`);
  });
  return new AuditFile(file, log);
}

class AuditFile extends LineWriter implements AuditLog {
  readonly #log: Logger;

  constructor(path: string, log: Logger) {
    super(path, { waitingBytes: WAITING_BYTES });
    this.#log = log;
  }

  write(entry: AuditEntry): void {
    this.append(`${JSON.stringify({ audit: true, time: new Date().toISOString(), ...entry })}\n`);
  }

  protected override onFault(fault: Error): void {
    this.#log.error({ err: fault }, 'AUDIT_LOG_FILE cannot be written; its lines wait');
  }

  protected override onRecovery(dropped: number): void {
    this.#log.info({ dropped }, 'AUDIT_LOG_FILE can be written again');
  }
}
