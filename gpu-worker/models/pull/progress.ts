import type { WriteStream } from 'node:tty';

const TERMINAL_EVERY_MS = 200;
/** Between two lines where they cannot overwrite one another. */
const LINE_EVERY_MS = 10_000;
/** Window over which the rate is measured, in ms. */
const WINDOW_MS = 20_000;

/** Bytes and time left, for people: one line that is drawn again in a terminal, now and then a new one elsewhere. */
export class PullProgress {
  readonly #out: WriteStream;
  readonly #total: number;
  #have: number;
  #shownAt = Number.NEGATIVE_INFINITY;
  #drawn = false;
  readonly #marks: { at: number; have: number }[];

  /** @param have bytes that are there already, of `total` */
  constructor(out: WriteStream, have: number, total: number) {
    this.#out = out;
    this.#have = have;
    this.#total = total;
    this.#marks = [{ at: performance.now(), have }];
  }

  readonly add = (bytes: number): void => {
    this.#have += bytes;
    const now = performance.now();
    if (now - this.#marks.at(-1)!.at >= 1_000) this.#marks.push({ at: now, have: this.#have });
    while (this.#marks.length > 2 && now - this.#marks[0]!.at > WINDOW_MS) this.#marks.shift();
    if (now - this.#shownAt < (this.#out.isTTY ? TERMINAL_EVERY_MS : LINE_EVERY_MS)) return;
    this.#shownAt = now;
    this.#draw();
  };

  /** Prints a message on a line of its own. */
  readonly say = (line: string): void => {
    if (this.#drawn) this.#out.write('\r\u001B[K');
    this.#out.write(`${line}\n`);
    this.#drawn = false;
  };

  /** The last line. */
  end(): void {
    this.#draw();
    if (this.#drawn) this.#out.write('\n');
    this.#drawn = false;
  }

  #draw(): void {
    const [first] = this.#marks;
    const seconds = (performance.now() - first!.at) / 1000;
    const text = progressText(this.#have, this.#total, (this.#have - first!.have) / seconds);
    // Cut to the terminal's width: a wrapped line cannot be drawn over.
    if (this.#out.isTTY) this.#out.write(`\r${text.slice(0, (this.#out.columns || 80) - 1)}\u001B[K`);
    else this.#out.write(`${text}\n`);
    this.#drawn = this.#out.isTTY;
  }
}

/** E.g. `12.3 GB of 31.4 GB (39 %), 85.0 MB/s, about 4 min left`. */
export function progressText(have: number, total: number, bytesPerSecond: number): string {
  const percent = total === 0 ? 100 : Math.floor((100 * have) / total);
  const parts = [`${bytesText(have)} of ${bytesText(total)} (${percent} %)`];
  if (bytesPerSecond > 0) parts.push(`${bytesText(bytesPerSecond)}/s`);
  if (have < total) {
    const left = (total - have) / bytesPerSecond;
    parts.push(bytesPerSecond > 0 ? `about ${durationText(left)} left` : 'waiting');
  }
  return parts.join(', ');
}

/** Decimal, as disks and the hub count: `512 B`, `31.4 GB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const unit = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${(bytes / 1000 ** unit).toFixed(unit === 0 ? 0 : 1)} ${units[unit]}`;
}

function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
