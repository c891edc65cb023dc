import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { AskedThread } from '../../platform/process/asked-thread.ts';

/**
 * A block list in a thread of its own: reading a list, and holding a text against it, stops nothing else in this
 * process, whatever the list and the text are.
 */
export class BlocklistThread {
  readonly #thread: AskedThread<string, string | null, number>;

  private constructor(thread: AskedThread<string, string | null, number>) {
    this.#thread = thread;
  }

  /** @throws Error naming the line that cannot be used, or saying why the file cannot be read */
  static async open(path: string): Promise<BlocklistThread> {
    const list = await readFile(path, 'utf8');
    return new BlocklistThread(await AskedThread.open(() => newWorker(list)));
  }

  /** Lines that say something. */
  get entries(): number {
    return this.#thread.opened;
  }

  /**
   * What of a text is blocked, as it stands there; null for nothing. Texts are read one after the other.
   *
   * @throws ThreadTimeoutError where there is no answer in time
   */
  find(text: string, timeoutMs: number): Promise<string | null> {
    return this.#thread.ask(text, timeoutMs);
  }

  /** Once the texts that wait have been read. */
  close(): void {
    this.#thread.close();
  }
}

/** The compiled file is a neighbour of this one. */
const newWorker = (list: string) => new Worker(new URL('./blocklist-worker.js', import.meta.url), { workerData: list });
