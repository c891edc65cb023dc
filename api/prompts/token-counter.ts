import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Logger } from '../../platform/log/logger.ts';
import { AskedThread } from '../../platform/process/asked-thread.ts';

/** The longest that a count may take, in ms: an estimate waits for it. */
const TIMEOUT_MS = 2_000;

export interface TokenCounter {
  /** Tokens of a text as the model counts them, `</s>` included; null where they cannot be counted, or not in time. */
  count: (text: string) => Promise<number | null>;
  close(): void;
}

/**
 * Counts tokens with the tokenizer in a model's folder, in a thread that loads it meanwhile. Without one nothing is counted:
 * the API works with a folder that holds a profile alone.
 */
export function openTokenCounter(modelDir: string, log: Logger): TokenCounter {
  const folder = join(modelDir, 'tokenizer');
  const newWorker = () => new Worker(new URL('./token-worker.js', import.meta.url), { workerData: folder });
  const opening = AskedThread.open<string, number, true>(newWorker).catch((error: Error) => {
    log.warn({ reason: error.message }, 'Tokens of prompts cannot be counted: estimates leave them out');
    return null;
  });
  return {
    count: async (text) => {
      const thread = await opening;
      return (await thread?.ask(text, TIMEOUT_MS).catch(() => null)) ?? null;
    },
    close: () => void opening.then((thread) => thread?.close()),
  };
}
