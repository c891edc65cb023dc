import { useEffect, useState } from 'react';
import { ApiError } from '../../client/api-error.ts';
import { pause } from '../../client/pause.ts';
import type { Model, VideoEstimate } from '../../client/types.ts';
import { estimateVideo } from '../../client/videos.ts';
import { useSession } from '../../state/use-service.ts';
import { validate } from './form-problems.ts';
import { estimateBody, type FormValues } from './form-values.ts';

/** After the last change of a setting, in ms. */
const SETTLED_MS = 300;
/** For as long as the page is seen: the queue moves, in ms. */
const REFRESH_MS = 20_000;

/**
 * What the form's video would take, or why it would be refused.
 *
 * @param model null until it is known
 * @param sent changes with each video that this form has sent
 * @returns null while it is unknown
 */
export function useEstimate(model: Model | null, values: FormValues, sent: number): VideoEstimate | ApiError | null {
  const [known, setKnown] = useState<{ body: string; answer: VideoEstimate | ApiError | null } | null>(null);
  const { reachable } = useSession();
  const body = model !== null && isValid(values, model) ? JSON.stringify(estimateBody(values)) : null;
  useEffect(() => {
    if (body === null || !reachable) return;
    const stop = new AbortController();
    const follow = async ({ signal }: AbortController) => {
      for (let wait = SETTLED_MS; ; wait = REFRESH_MS) {
        await pause(document.hidden ? Number.POSITIVE_INFINITY : { ms: wait, leastMs: SETTLED_MS }, signal);
        if (document.hidden) continue;
        const answer = await estimateVideo(JSON.parse(body) as object, signal).catch((error: unknown) =>
          error instanceof ApiError ? error : null,
        );
        signal.throwIfAborted();
        setKnown({ body, answer });
      }
    };
    // It ends by being stopped alone.
    follow(stop).catch(() => {});
    return () => stop.abort();
  }, [body, reachable, sent]);
  return known !== null && known.body === body ? known.answer : null;
}

/** Whatever the prompt is: it decides nothing here. */
function isValid(values: FormValues, model: Model): boolean {
  const { prompt: _prompt, negativePrompt: _negativePrompt, ...problems } = validate(values, model);
  return values.size !== '' && Object.keys(problems).length === 0;
}
