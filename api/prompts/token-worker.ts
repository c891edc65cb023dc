/** A thread that holds the model's tokenizer, so that a long text holds up nothing else. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadTokenizer } from '../../gpu-worker/text/tokenizer/load.ts';
import type { ThreadAnswer, ThreadOpened, ThreadQuestion } from '../../platform/process/asked-thread.ts';

const port = parentPort!;
try {
  const tokenizer = await loadTokenizer(workerData as string);
  port.on('message', ({ question, asked: text }: ThreadQuestion<string>) => {
    port.postMessage({ question, answer: tokenizer.encode(text).length } satisfies ThreadAnswer<number>);
  });
  port.postMessage({ opened: true } satisfies ThreadOpened<true>);
} catch (error) {
  port.postMessage({ fault: (error as Error).message } satisfies ThreadOpened<true>);
}
