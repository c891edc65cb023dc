/** What the GPU workers say of a video. */
export interface Work {
  /** Attempts that began, and those of them that ended without a word. */
  attempts: number;
  silent: number;
  /** Times that the device was lost under it. */
  devicesLost: number;
  /** Denoising steps done, those done again included. */
  steps: number;
}

interface LogLine {
  level?: string;
  msg?: string;
  videoId?: string;
}

/** What the processes log, reduced to what a report needs of it. */
export class ServiceLog {
  readonly work = new Map<string, Work>();
  /** Seconds from a fault under a running attempt until the next attempt at that video began, its wait in line included. */
  readonly takeovers: number[] = [];
  /** Messages of level error and above, with how often each came. */
  readonly complaints = new Map<string, number>();
  /** Told of each video whose running attempt is hit. */
  onHit: (videoId: string) => void = () => {};
  readonly #running = new Map<string, string>();
  readonly #hit = new Map<string, number>();

  /** Takes one line of a process's output. */
  take(process: string, text: string): void {
    const line = parsed(text);
    if (line === null) return;
    const { level = '', msg = '', videoId } = line;
    if (level === 'error' || level === 'fatal') this.#complain(`${process.replace(/-\d$/, '')}: ${msg}`);
    if (videoId === undefined || !process.startsWith('gpu-worker')) return;
    const work = this.#workOf(videoId);
    if (msg === 'Step') work.steps++;
    if (msg === 'Device lost') work.devicesLost++;
    if (msg === 'Generating') work.attempts++;
    if (msg === 'Generating' || msg === 'The frames were finished by an earlier attempt') this.#begun(process, videoId);
    if (msg === 'Frames stored') this.#hit.delete(videoId);
    if (msg === 'Attempt ended') this.#running.delete(process);
  }

  /** The process was hit: whatever it was at is to be taken over, by another or by its next self. */
  hit(process: string): void {
    const videoId = this.#running.get(process);
    if (videoId === undefined) return;
    this.#hit.set(videoId, Date.now());
    this.onHit(videoId);
  }

  /** The process has ended. */
  ended(process: string): void {
    const videoId = this.#running.get(process);
    if (videoId !== undefined) this.#workOf(videoId).silent++;
    this.#running.delete(process);
  }

  #begun(process: string, videoId: string): void {
    this.#running.set(process, videoId);
    const since = this.#hit.get(videoId);
    if (since === undefined) return;
    this.#hit.delete(videoId);
    this.takeovers.push((Date.now() - since) / 1000);
  }

  #workOf(videoId: string): Work {
    let work = this.work.get(videoId);
    if (!work) this.work.set(videoId, (work = { attempts: 0, silent: 0, devicesLost: 0, steps: 0 }));
    return work;
  }

  #complain(what: string): void {
    this.complaints.set(what, (this.complaints.get(what) ?? 0) + 1);
  }
}

function parsed(text: string): LogLine | null {
  if (!text.startsWith('{')) return null;
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return null;
  }
}
