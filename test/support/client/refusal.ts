import type { APIError } from 'openai';

/** What a call of OpenAI's client was refused with. @throws where it was not */
export const refusal = (call: Promise<unknown>): Promise<APIError> =>
  call.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: APIError) => error,
  );
