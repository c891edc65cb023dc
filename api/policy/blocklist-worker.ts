/** A thread that holds texts against a block list, so that a long list and a long text hold up nothing else. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadAnswer, ThreadOpened, ThreadQuestion } from '../../platform/process/asked-thread.ts';
import { Blocklist } from './blocklist.ts';

const port = parentPort!;
try {
  const list = new Blocklist(workerData as string);
  port.on('message', ({ question, asked: text }: ThreadQuestion<string>) => {
    port.postMessage({ question, answer: list.find(text) } satisfies ThreadAnswer<string | null>);
  });
  port.postMessage({ opened: list.entries } satisfies ThreadOpened<number>);
} catch (error) {
  port.postMessage({ fault: (error as Error).message } satisfies ThreadOpened<number>);
}
