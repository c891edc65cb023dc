import { z } from 'zod';

/** What a moderator is asked. */
export interface ModeratorQuestion {
  prompt: string;
  negative_prompt: string;
  /** Id of the account that asks for the video. */
  account: string;
}

const answerSchema = z.object({ allowed: z.boolean(), reason: z.string().max(1000).nullish() });
export type ModeratorAnswer = z.infer<typeof answerSchema>;

/**
 * Asks an HTTP service about a prompt: `POST` of the question as JSON, answered with `{"allowed": …, "reason": …}`.
 *
 * @throws Error where there is no such answer in time
 */
export async function askModerator(
  url: string,
  question: ModeratorQuestion,
  timeoutMs: number,
): Promise<ModeratorAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(question),
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`it answered HTTP ${response.status}`);
  }
  const parsed = answerSchema.safeParse(await response.json().catch(() => null));
  // Not the parser's message, which may quote an answer that quotes the prompt.
  if (!parsed.success) throw new Error('it did not answer with {"allowed": true or false}');
  return parsed.data;
}
