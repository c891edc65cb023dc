import { ApiError, UnreachableError } from '../client/api-error.ts';
import type { Video } from '../client/types.ts';
import { refusal } from './refusals.ts';

interface FailureWords {
  title: string;
  /** What to do, beyond what the server's own message says. */
  advice: string | null;
  /** False where another try must end the same way. */
  retry: boolean;
}

type Failure = NonNullable<Video['error']>;

const TITLES: Partial<Record<Failure['code'], FailureWords>> = {
  cancelled: { title: 'Cancelled', advice: null, retry: true },
  out_of_memory: {
    title: 'Too large for the GPU',
    advice: 'Edit it: choose a smaller size or a shorter length.',
    retry: false,
  },
  prompt_refused: { title: 'The prompt was refused', advice: 'Edit it: say it differently.', retry: false },
  prompt_too_long: { title: 'The prompt is too long', advice: 'Edit it: say it in fewer words.', retry: false },
  shape_not_supported: {
    title: 'The model cannot make this',
    advice: 'Edit it: choose another size or length.',
    retry: false,
  },
  deadline_exceeded: {
    title: 'Not finished by its deadline',
    advice: 'What was done is kept: a retry goes on from there.',
    retry: true,
  },
  timed_out: { title: 'It took too long', advice: 'Try again, or choose a shorter clip or fewer steps.', retry: true },
  worker_lost: {
    title: 'The worker was lost',
    advice: 'What was done is kept: a retry goes on from there.',
    retry: true,
  },
  numerical_failure: {
    title: 'The model computed nonsense',
    advice: 'Other settings may help; else tell who runs this service.',
    retry: true,
  },
  device_lost: { title: 'The GPU was lost', advice: 'What was done is kept: a retry goes on from there.', retry: true },
};

/** Why a video failed, in plain words around the server's message. */
export const failureWords = ({ code }: Failure): FailureWords =>
  TITLES[code] ?? { title: 'This did not work', advice: null, retry: true };

/** Why a request failed, and what to do. */
export function requestFailure(error: unknown): string {
  if (error instanceof UnreachableError) {
    return navigator.onLine
      ? 'The server does not answer. Try again in a moment.'
      : 'You are offline. Try again when you are back.';
  }
  if (error instanceof ApiError) return refusal(error);
  return 'Something went wrong in the page. Reload it and try again.';
}
