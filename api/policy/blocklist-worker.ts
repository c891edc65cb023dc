/** A thread that holds texts against a block list, so that a long list and a long text hold up nothing else. */
import { parentPort, workerData } from 'node:worker_threads';
import { Blocklist } from './blocklist.ts';

/** The first answer: how many lines the list has, or why it cannot be used. */
export type BlocklistOpened = { entries: number } | { fault: string };
/** What of a text is blocked, by the question's number. */
export type BlocklistAnswer = { question: number; found: string | null };

const port = parentPort!;
try {
  const list = new Blocklist(workerData as string);
  port.on('message', ({ question, text }: { question: number; text: string }) => {
    port.postMessage({ question, found: list.find(text) } satisfies BlocklistAnswer);
  });
  port.postMessage({ entries: list.entries } satisfies BlocklistOpened);
} catch (error) {
  port.postMessage({ fault: (error as Error).message } satisfies BlocklistOpened);
}
