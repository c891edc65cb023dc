import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../files/folder.ts';

/** A log that would become larger is put aside under the name `….old`, in the place of the one before. */
const ROTATE_BYTES = 10_000_000;
/** What is kept in memory while nothing can be written; of what comes then, only the number of lines is kept. */
const WAITING_BYTES = 1_000_000;
/** Between two tries, in ms. */
const RETRY_MS = 1_000;
/** How often it is checked whether the file was removed or renamed, in ms. */
const LOOK_MS = 5_000;

/**
 * A file that lines are added to. Where it cannot be written, on a full disk for instance, nobody is kept waiting: what
 * comes is kept, up to a megabyte, and written once there is room.
 */
export class LogFile {
  readonly path: string;
  readonly #tell: (line: string) => void;
  readonly #rotateBytes: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #lostLines = 0;
  #fault: string | null = null;
  #file: FileHandle | undefined;
  #bytes = 0;
  #lookedAt = 0;
  #writing: Promise<void> | undefined;
  #closing = false;

  /** @param tell is told when the log cannot be written, and when it can be again */
  constructor(path: string, tell: (line: string) => void = () => {}, rotateBytes = ROTATE_BYTES) {
    this.path = path;
    this.#tell = tell;
    this.#rotateBytes = rotateBytes;
  }

  write(text: string): void {
    const bytes = Buffer.from(text);
    if (this.#waitingBytes + bytes.length > WAITING_BYTES) {
      this.#lostLines += Math.max(1, text.split('\n').length - 1);
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined));
  }

  /** Writes what is left, as far as that is possible. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#writing;
    await this.#shut();
  }

  async #writeAll(): Promise<void> {
    while (this.#waitingBytes > 0) {
      let chunk = Buffer.concat(this.#waiting);
      this.#waiting = [];
      try {
        while (chunk.length > 0) {
          const file = await this.#current(chunk.length);
          const { bytesWritten } = await file.write(chunk);
          chunk = chunk.subarray(bytesWritten);
          this.#bytes += bytesWritten;
          this.#waitingBytes -= bytesWritten;
        }
        this.#writtenAgain();
      } catch (error) {
        // A disk gives back the room of a removed file only when nobody has it open.
        await this.#shut();
        this.#waiting.unshift(chunk);
        this.#cannotWrite((error as Error).message);
        if (this.#closing) return;
        await sleep(RETRY_MS);
      }
    }
  }

  async #current(comingBytes: number): Promise<FileHandle> {
    if (this.#file && Date.now() - this.#lookedAt > LOOK_MS && !(await this.#isInPlace())) await this.#shut();
    if (this.#file && this.#bytes > 0 && this.#bytes + comingBytes > this.#rotateBytes) await this.#rotate();
    if (this.#file) return this.#file;
    await makeFolder(dirname(this.path), 0o700);
    this.#file = await open(this.path, 'a', 0o600);
    this.#bytes = (await this.#file.stat()).size;
    this.#lookedAt = Date.now();
    return this.#bytes > this.#rotateBytes ? await this.#current(comingBytes) : this.#file;
  }

  async #isInPlace(): Promise<boolean> {
    this.#lookedAt = Date.now();
    const [open, there] = await Promise.all([this.#file!.stat(), stat(this.path).catch(() => null)]);
    return there !== null && there.ino === open.ino && there.dev === open.dev;
  }

  async #rotate(): Promise<void> {
    await this.#shut();
    await rename(this.path, `${this.path}.old`);
  }

  async #shut(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => {});
  }

  #cannotWrite(fault: string): void {
    if (this.#fault === null) this.#tell(`The log ${this.path} cannot be written (${fault}). The service goes on.`);
    this.#fault = fault;
  }

  #writtenAgain(): void {
    if (this.#fault === null && this.#lostLines === 0) return;
    const lost = this.#lostLines;
    const msg = `This log could not be written (${this.#fault ?? 'it came too fast'}); ${lost} lines are lost`;
    this.#fault = null;
    this.#lostLines = 0;
    this.#tell(`The log ${this.path} is written again; ${lost} lines are lost.`);
    this.write(`${JSON.stringify({ level: 'warn', time: new Date().toISOString(), name: 'log', msg })}\n`);
  }
}
