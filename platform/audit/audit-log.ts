import { appendFile } from 'node:fs/promises';
import { ConfigError } from '../config/config.ts';
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

/** Lines that wait for a disk that is full; then the oldest are dropped, and how many is said. */
const MOST_WAITING = 10_000;
const RETRY_MS = 1_000;

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
  const audit = new AuditFile(file, log);
  await audit.open();
  return audit;
}

/** Opened anew for each batch of lines: a file that is moved away to be archived is made again by the next one. */
class AuditFile implements AuditLog {
  readonly #path: string;
  readonly #log: Logger;
  #waiting: string[] = [];
  #dropped = 0;
  #failing = false;
  #writing: Promise<void> | null = null;

  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
  }

  /** @throws ConfigError */
  async open(): Promise<void> {
    await appendFile(this.#path, '', { mode: 0o600 }).catch((error: Error) => {
      throw new ConfigError(`AUDIT_LOG_FILE=${this.#path} cannot be written: ${error.message}.`);
    });
  }

  write(entry: AuditEntry): void {
    this.#waiting.push(`${JSON.stringify({ audit: true, time: new Date().toISOString(), ...entry })}\n`);
    if (this.#waiting.length > MOST_WAITING) {
      this.#waiting.shift();
      this.#dropped++;
    }
    this.#writing ??= this.#flush();
  }

  async close(): Promise<void> {
    await this.#writing;
    // Once more, where the disk was full.
    if (this.#waiting.length > 0) await this.#flush();
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      try {
        await appendFile(this.#path, (this.#failing ? '\n' : '') + lines.join(''), { mode: 0o600 });
        if (this.#failing) this.#log.info({ dropped: this.#dropped }, 'AUDIT_LOG_FILE can be written again');
        this.#failing = false;
        this.#dropped = 0;
      } catch (error) {
        if (!this.#failing) this.#log.error({ err: error }, 'AUDIT_LOG_FILE cannot be written; its lines wait');
        this.#failing = true;
        this.#waiting = [...lines, ...this.#waiting];
        setTimeout(() => {
          this.#writing ??= this.#flush();
        }, RETRY_MS).unref();
        break;
      }
    }
    this.#writing = null;
  }
}
