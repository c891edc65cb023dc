import { z } from 'zod';

/** The longest answer that is read, in bytes: of a reasoning model most are thoughts. */
const MOST_BYTES = 256 * 1024;

const completionSchema = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
});

export interface ChatService {
  /** Of the API: `/chat/completions` is below it. */
  url: string;
  apiKey: string | undefined;
  model: string;
}

/**
 * What an OpenAI-compatible service answers to a text. Redirects are not followed: they could lead the key and the text elsewhere.
 *
 * @throws Error that tells nothing of the texts; the signal's reason
 */
export async function complete(
  { url, apiKey, model }: ChatService,
  { system, user }: { system: string; user: string },
  signal: AbortSignal,
): Promise<string> {
  const response = await fetch(`${url.replace(/\/+$/, '')}/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify({
      model,
      stream: false,
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: user },
      ],
    }),
    redirect: 'error',
    signal,
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`it answered HTTP ${response.status}`);
  }
  const parsed = completionSchema.safeParse(json(await textOf(response)));
  // Not the parser's message, which may quote an answer that quotes the prompt.
  if (!parsed.success) throw new Error('it did not answer with a chat completion');
  return parsed.data.choices[0]!.message.content;
}

/** @throws Error for more than is read */
async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop closes the connection.
    if (bytes > MOST_BYTES) throw new Error(`it answered with more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
