import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { BlocklistAnswer, BlocklistOpened } from './blocklist-worker.ts';

/** Texts were not read in the time that they may take. */
export class BlocklistTimeoutError extends Error {
  override readonly name = 'BlocklistTimeoutError';
}

interface Question {
  text: string;
  answer: (found: string | null) => void;
  fail: (error: Error) => void;
}

/**
 * A block list in a thread of its own: reading a list, and holding a text against it, stops nothing else in this
 * process, whatever the list and the text are.
 */
export class BlocklistThread {
  /** Lines that say something. */
  readonly entries: number;
  readonly #list: string;
  #worker: Worker;
  readonly #waiting: Question[] = [];
  #asked: Question | null = null;
  #number = 0;
  #closing = false;

  private constructor(list: string, worker: Worker, entries: number) {
    this.#list = list;
    this.#worker = worker;
    this.entries = entries;
    this.#listen(worker);
  }

  /** @throws Error naming the line that cannot be used, or saying why the file cannot be read */
  static async open(path: string): Promise<BlocklistThread> {
    const list = await readFile(path, 'utf8');
    const worker = newWorker(list);
    const [opened] = (await once(worker, 'message')) as [BlocklistOpened];
    if ('fault' in opened) {
      await worker.terminate();
      throw new Error(opened.fault);
    }
    return new BlocklistThread(list, worker, opened.entries);
  }

  /**
   * What of a text is blocked, as it stands there; null for nothing. Texts are read one after the other.
   *
   * @throws BlocklistTimeoutError where there is no answer in time
   */
  async find(text: string, timeoutMs: number): Promise<string | null> {
    return await new Promise<string | null>((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(question), timeoutMs);
      const settle = <T>(how: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer);
          how(value);
        };
      };
      const question: Question = { text, answer: settle(resolve), fail: settle(reject) };
      this.#waiting.push(question);
      this.#askNext();
    });
  }

  /** Once the texts that wait have been read. */
  close(): void {
    this.#closing = true;
    this.#askNext();
  }

  #askNext(): void {
    if (this.#asked !== null) return;
    const next = this.#waiting.shift();
    if (next !== undefined) {
      this.#asked = next;
      this.#worker.postMessage({ question: ++this.#number, text: next.text }, []);
    } else if (this.#closing) void this.#worker.terminate();
  }

  #giveUp(question: Question): void {
    const reason = new BlocklistTimeoutError('the block list was not read in time');
    if (this.#asked === question) {
      // It cannot be called off: a new thread goes on with the others.
      void this.#worker.terminate();
      this.#renew();
    } else this.#waiting.splice(this.#waiting.indexOf(question), 1);
    question.fail(reason);
    this.#askNext();
  }

  #renew(): void {
    this.#asked = null;
    this.#worker = newWorker(this.#list);
    this.#listen(this.#worker);
  }

  #listen(worker: Worker): void {
    // Requests keep the process alive, not this.
    worker.unref();
    worker.on('message', (message: BlocklistAnswer | BlocklistOpened) => {
      if (!('question' in message) || message.question !== this.#number || worker !== this.#worker) return;
      const asked = this.#asked;
      this.#asked = null;
      asked?.answer(message.found);
      this.#askNext();
    });
    worker.on('error', (error: Error) => {
      if (worker !== this.#worker) return;
      const asked = this.#asked;
      this.#renew();
      asked?.fail(error);
      this.#askNext();
    });
  }
}

/** The compiled file is a neighbour of this one. */
const newWorker = (list: string) => new Worker(new URL('./blocklist-worker.js', import.meta.url), { workerData: list });
