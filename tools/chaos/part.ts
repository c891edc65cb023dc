import { setTimeout as sleep } from 'node:timers/promises';
import { gate } from '../harness/gate.ts';

/** A process that was started. */
export interface Running {
  pid: number;
  /** Resolves when it has ended, whatever ended it. */
  exited: Promise<unknown>;
}

/** Before a process that has ended is started again. */
const RESTART_MS = 500;

/** One process of the stack, started again whenever it ends, as an orchestrator would. */
export class Part {
  readonly name: string;
  /** Times that it ended without having been sent a signal. */
  ownEnds = 0;
  readonly #launch: () => Promise<Running>;
  readonly #ended: (part: Part) => void;
  #running: Running | null = null;
  #signalled = false;
  #stopping = false;
  #held: Promise<void> = Promise.resolve();
  #release: () => void = () => {};
  #loop: Promise<void> = Promise.resolve();

  /** @param ended called whenever the process has ended */
  constructor(name: string, launch: () => Promise<Running>, ended: (part: Part) => void = () => {}) {
    this.name = name;
    this.#launch = launch;
    this.#ended = ended;
  }

  /** Undefined while it is down. */
  get pid(): number | undefined {
    return this.#running?.pid;
  }

  /** @throws what the first start fails with; later ones are tried again */
  async start(): Promise<void> {
    this.#running = await this.#launch();
    this.#loop = this.#keepRunning();
  }

  /** Waits until there is a process, and signals it. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    const pid = await this.up();
    this.#signalled = true;
    send(pid, signal);
  }

  /**
   * Ends it at once, and keeps it down.
   *
   * @returns what lets it be started again
   */
  async takeDown(): Promise<() => void> {
    const { open, opened } = gate();
    const pid = await this.up();
    this.#held = opened;
    this.#release = open;
    this.#signalled = true;
    send(pid, 'SIGKILL');
    return open;
  }

  /** Its id, once it is there. */
  async up(): Promise<number> {
    while (this.#running === null) await sleep(50);
    return this.#running.pid;
  }

  /** SIGTERM, and SIGKILL where that has not ended it in time. */
  async stop(graceMs = 15_000): Promise<void> {
    this.#stopping = true;
    this.#release();
    const running = this.#running;
    if (running) {
      send(running.pid, 'SIGCONT');
      send(running.pid, 'SIGTERM');
      const timer = setTimeout(() => send(running.pid, 'SIGKILL'), graceMs);
      await running.exited;
      clearTimeout(timer);
    }
    await this.#loop;
  }

  async #keepRunning(): Promise<void> {
    for (;;) {
      await this.#running?.exited;
      const wasRunning = this.#running !== null;
      this.#running = null;
      if (this.#stopping) return;
      if (wasRunning) {
        if (!this.#signalled) this.ownEnds++;
        this.#ended(this);
      }
      await sleep(RESTART_MS);
      await this.#held;
      if (this.#stopping) return;
      this.#signalled = false;
      this.#running = await this.#launch().catch(() => null);
      if (this.#stopping && this.#running) send(this.#running.pid, 'SIGKILL');
    }
  }
}

/** A process that is gone already is what most signals are after. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
