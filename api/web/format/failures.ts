import { ApiError, UnreachableError } from '../client/api-error.ts';
import type { Video } from '../client/types.ts';
import { refusal } from './refusals.ts';

interface FailureText {
  title: string;
  /** What to do, in addition to the server's message. */
  advice: string | null;
  /** False if a retry would fail in the same way. */
  retry: boolean;
}

type Failure = NonNullable<Video['error']>;

const KEPT = 'Finished steps are kept: a retry goes on from there.';

const TEXTS: Partial<Record<Failure['code'], FailureText>> = {
  cancelled: { title: 'Cancelled', advice: null, retry: true },
  out_of_memory: {
    title: 'Too large for the GPU',
    advice: 'Edit it and choose a smaller size or a shorter length.',
    retry: false,
  },
  prompt_refused: { title: 'The prompt was refused', advice: 'Edit the prompt.', retry: false },
  prompt_too_long: { title: 'The prompt is too long', advice: 'Edit and shorten the prompt.', retry: false },
  shape_not_supported: {
    title: 'The model cannot make this video',
    advice: 'Edit it and choose another size or length.',
    retry: false,
  },
  deadline_exceeded: { title: 'Not finished by its deadline', advice: KEPT, retry: true },
  timed_out: { title: 'It took too long', advice: 'Retry, or choose a shorter length or fewer steps.', retry: true },
  worker_lost: { title: 'The worker was lost', advice: KEPT, retry: true },
  numerical_failure: {
    title: 'The model returned invalid numbers',
    advice: 'Other settings may help. If not, tell the operator of this service.',
    retry: true,
  },
  device_lost: { title: 'The GPU was lost', advice: KEPT, retry: true },
};

/** Why a video failed, and whether a retry can help. */
export const failureText = ({ code }: Failure): FailureText =>
  TEXTS[code] ?? { title: 'Generation failed', advice: null, retry: true };

/** Why a request failed, and what to do. */
export function requestFailure(error: unknown): string {
  if (error instanceof UnreachableError) {
    return navigator.onLine
      ? 'The server is not responding. Try again in a moment.'
      : 'You are offline. Try again when you are back.';
  }
  if (error instanceof ApiError) return refusal(error);
  return 'Something went wrong in this page. Reload it and try again.';
}
