import { setTimeout as sleep } from 'node:timers/promises';

/** How often the service answered with each status while it was asked all the time. */
export type Answers = Record<string, number>;

/** No connection, or no answer in time. */
const NONE = 'none';
const EVERY_MS = 100;
const PATIENCE_MS = 5_000;

/**
 * Asks for the newest video ten times a second until `work` has ended.
 *
 * @returns what the service answered; a 503 that does not say when to come again counts as `503 alone`
 */
export async function answersDuring(url: string, work: Promise<unknown>): Promise<Answers> {
  const answers: Answers = {};
  const over = new AbortController();
  const end = work.finally(() => over.abort());
  while (!over.signal.aborted) {
    const answer = await fetch(`${url}/v1/videos?limit=1`, { signal: AbortSignal.timeout(PATIENCE_MS) })
      .then(async (response) => {
        await response.arrayBuffer();
        const alone = response.status === 503 && !response.headers.has('retry-after');
        return `${response.status}${alone ? ' alone' : ''}`;
      })
      .catch(() => NONE);
    answers[answer] = (answers[answer] ?? 0) + 1;
    await sleep(EVERY_MS);
  }
  await end;
  return answers;
}

/** For people: `200 × 51, none × 2`. */
export const describeAnswers = (answers: Answers): string =>
  Object.entries(answers)
    .map(([answer, times]) => `${answer} × ${times}`)
    .join(', ');
