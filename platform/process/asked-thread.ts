import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';

/** A question was not answered in the time that it may take. */
export class ThreadTimeoutError extends Error {
  override readonly name = 'ThreadTimeoutError';
}

/** The first message of a thread: what it says of itself, or why it cannot answer anything. */
export type ThreadOpened<Opened> = { opened: Opened } | { fault: string };
/** What a thread is sent, and what it answers with, by the question's number. */
export type ThreadQuestion<Asked> = { question: number; asked: Asked };
export type ThreadAnswer<Answer> = { question: number; answer: Answer };

interface Waiting<Asked, Answer> {
  asked: Asked;
  answer: (answer: Answer) => void;
  fail: (error: Error) => void;
}

/**
 * A thread that answers questions one after the other, so that long ones stop nothing else in this process. One that ends, or
 * takes too long, is replaced.
 */
export class AskedThread<Asked, Answer, Opened = true> {
  /** What the thread said of itself when it was opened. */
  readonly opened: Opened;
  readonly #newWorker: () => Worker;
  #worker: Worker;
  readonly #waiting: Waiting<Asked, Answer>[] = [];
  #asked: Waiting<Asked, Answer> | null = null;
  #number = 0;
  #closing = false;

  private constructor(newWorker: () => Worker, worker: Worker, opened: Opened) {
    this.#newWorker = newWorker;
    this.#worker = worker;
    this.opened = opened;
    this.#listen(worker);
  }

  /** @throws Error with the fault that the thread tells of */
  static async open<Asked, Answer, Opened>(newWorker: () => Worker): Promise<AskedThread<Asked, Answer, Opened>> {
    const worker = newWorker();
    const [first] = (await once(worker, 'message')) as [ThreadOpened<Opened>];
    if ('fault' in first) {
      await worker.terminate();
      throw new Error(first.fault);
    }
    return new AskedThread<Asked, Answer, Opened>(newWorker, worker, first.opened);
  }

  /** @throws ThreadTimeoutError where there is no answer in time, counted from now */
  async ask(asked: Asked, timeoutMs: number): Promise<Answer> {
    return await new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(waiting), timeoutMs);
      const settle = <T>(how: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer);
          how(value);
        };
      };
      const waiting: Waiting<Asked, Answer> = { asked, answer: settle(resolve), fail: settle(reject) };
      this.#waiting.push(waiting);
      this.#askNext();
    });
  }

  /** Once the questions that wait have been answered. */
  close(): void {
    this.#closing = true;
    this.#askNext();
  }

  #askNext(): void {
    if (this.#asked !== null) return;
    const next = this.#waiting.shift();
    if (next !== undefined) {
      this.#asked = next;
      const question: ThreadQuestion<Asked> = { question: ++this.#number, asked: next.asked };
      this.#worker.postMessage(question, []);
    } else if (this.#closing) void this.#worker.terminate();
  }

  #giveUp(waiting: Waiting<Asked, Answer>): void {
    if (this.#asked === waiting) {
      // It cannot be called off: a new thread goes on with the others.
      void this.#worker.terminate();
      this.#renew();
    } else this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    waiting.fail(new ThreadTimeoutError('there was no answer in time'));
    this.#askNext();
  }

  #renew(): void {
    this.#asked = null;
    this.#worker = this.#newWorker();
    this.#listen(this.#worker);
  }

  #listen(worker: Worker): void {
    // Requests keep the process alive, not this.
    worker.unref();
    worker.on('message', (message: ThreadAnswer<Answer> | ThreadOpened<Opened>) => {
      if (!('question' in message) || message.question !== this.#number || worker !== this.#worker) return;
      const asked = this.#asked;
      this.#asked = null;
      asked?.answer(message.answer);
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
