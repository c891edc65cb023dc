import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** What stubs note of a job: that it only waits for a GPU, that the model would begin now, that nothing is left to be done. */
export type Noted = 'validated' | 'started' | 'done';

/** Adds a line; every process of a side writes into one file. */
export function note(file: string, what: Noted, job: string): void {
  appendFileSync(file, `${what} ${job} ${Date.now()}\n`);
}

/** When each job was first noted as that, in ms since 1970. */
export async function noted(file: string, what: Noted): Promise<Map<string, number>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const times = new Map<string, number>();
  // The last line may be half written.
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    const [kind, job, at] = line.split(' ');
    if (kind === what && !times.has(job!)) times.set(job!, Number(at));
  }
  return times;
}
