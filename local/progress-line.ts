import type { WriteStream } from 'node:tty';
import type { Video } from './video-client.ts';

const WIDTH = 30;
/** Between two lines where they cannot overwrite one another. */
const LINE_EVERY_MS = 5_000;

/** A job's progress for people: one line that is drawn again and again in a terminal, now and then a new one elsewhere. */
export class ProgressLine {
  readonly #out: WriteStream;
  #shown = '';
  #phase = '';
  #shownAt = 0;

  constructor(out: WriteStream) {
    this.#out = out;
  }

  show(video: Video): void {
    const text = progressText(video);
    if (text === this.#shown) return;
    if (this.#out.isTTY) {
      // Cut to the terminal's width: a wrapped line cannot be drawn over.
      this.#out.write(`\r${text.slice(0, (this.#out.columns || 80) - 1)}\u001B[K`);
    } else {
      if (video.phase === this.#phase && Date.now() - this.#shownAt < LINE_EVERY_MS) return;
      this.#out.write(`${text}\n`);
    }
    this.#shown = text;
    this.#phase = video.phase;
    this.#shownAt = Date.now();
  }

  /** What is written next begins on a line of its own. */
  end(): void {
    if (this.#out.isTTY && this.#shown !== '') this.#out.write('\n');
    this.#shown = '';
  }
}

/** E.g. `[######------]  45 %  denoising, step 7 of 24, about 12 s left`. */
export function progressText(video: Pick<Video, 'progress' | 'phase' | 'step' | 'steps' | 'eta_seconds'>): string {
  const { progress, phase, step, steps, eta_seconds: eta } = video;
  const filled = Math.round((progress / 100) * WIDTH);
  const parts = [
    phase.replaceAll('_', ' '),
    ...(phase === 'denoising' && step !== null && steps !== null ? [`step ${step} of ${steps}`] : []),
    ...(eta === null || progress === 100 ? [] : [`about ${duration(eta)} left`]),
  ];
  return `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}] ${String(progress).padStart(3)} %  ${parts.join(', ')}`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
