import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../files/folder.ts';

/** Between two tries, in ms. */
const RETRY_MS = 1_000;

export interface LineWriterOptions {
  /** Kept in memory while nothing can be written; of what comes then, only the number of lines is kept. */
  waitingBytes: number;
  /** A file that would become larger is put aside under the name `….old`, in place of the one before. @default never */
  rotateBytes?: number;
}

/**
 * Appends lines to a file, without making the caller wait. Lines that cannot be written, on a full disk for instance, are
 * kept and written once there is room.
 */
export abstract class LineWriter {
  readonly path: string;
  readonly #waitingBytes: number;
  readonly #rotateBytes: number;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #lostLines = 0;
  #fault: Error | null = null;
  #writing: Promise<void> | undefined;
  #closing = false;

  constructor(path: string, { waitingBytes, rotateBytes = Infinity }: LineWriterOptions) {
    this.path = path;
    this.#waitingBytes = waitingBytes;
    this.#rotateBytes = rotateBytes;
  }

  /** The file cannot be written; called once until it can. */
  protected abstract onFault(fault: Error): void;

  /** @param fault null where lines were lost only because they came too fast */
  protected abstract onRecovery(lostLines: number, fault: Error | null): void;

  /** @param text whole lines */
  protected append(text: string): void {
    const bytes = Buffer.from(text);
    if (this.#bytes + bytes.length > this.#waitingBytes) {
      this.#lostLines += Math.max(1, text.split('\n').length - 1);
      return;
    }
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined));
  }

  /** Writes what is left, as far as that is possible. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#bytes > 0) {
      let batch = this.#take();
      try {
        // Opened for each batch: a file that was moved away is made again, and a disk gets back the room of a removed one.
        const file = await this.#open(batch.length);
        try {
          while (batch.length > 0) {
            const { bytesWritten } = await file.write(batch);
            batch = batch.subarray(bytesWritten);
            this.#bytes -= bytesWritten;
          }
        } finally {
          await file.close();
        }
        this.#written();
      } catch (error) {
        this.#waiting.unshift(batch);
        if (this.#fault === null) this.onFault(error as Error);
        this.#fault = error as Error;
        if (this.#closing) return;
        await sleep(RETRY_MS);
      }
    }
  }

  /** The oldest of what waits, as much as one file may hold. */
  #take(): Buffer {
    let bytes = 0;
    const end = this.#waiting.findIndex(({ length }, i) => (bytes += length) > this.#rotateBytes && i > 0);
    return Buffer.concat(this.#waiting.splice(0, end === -1 ? this.#waiting.length : end));
  }

  async #open(comingBytes: number): Promise<FileHandle> {
    await makeFolder(dirname(this.path), 0o700);
    const file = await open(this.path, 'a', 0o600);
    const { size } = await file.stat();
    if (size === 0 || size + comingBytes <= this.#rotateBytes) return file;
    await file.close();
    await rename(this.path, `${this.path}.old`);
    return await open(this.path, 'a', 0o600);
  }

  #written(): void {
    const [fault, lost] = [this.#fault, this.#lostLines];
    if (fault === null && lost === 0) return;
    this.#fault = null;
    this.#lostLines = 0;
    this.onRecovery(lost, fault);
  }
}
