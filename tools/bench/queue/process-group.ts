import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { pauses } from '../../harness/patience.ts';

const PATIENCE_MS = 60_000;

/** A program and its children, ended together. */
export class ProcessGroup {
  readonly #child: ChildProcess;
  #output = '';

  constructor(program: string, args: string[], { cwd, env }: { cwd: string; env: Record<string, string> }) {
    this.#child = spawn(program, args, {
      cwd,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PYTHONUNBUFFERED: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#output = (this.#output + text).slice(-20_000)));
    }
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Waits until it has printed that; for the beginning, later output pushes it out. */
  async said(text: string): Promise<void> {
    for (const end = Date.now() + PATIENCE_MS, pause = pauses(); !this.#output.includes(text); await pause()) {
      if (this.#ended || Date.now() > end) throw new Error(`${this.#child.spawnargs.join(' ')}:\n${this.#output}`);
    }
  }

  async kill(): Promise<void> {
    if (this.#ended) return;
    const ended = once(this.#child, 'exit');
    process.kill(-this.pid, 'SIGKILL');
    await ended;
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/** Waits until an address answers, whatever it says. */
export async function untilAnswers(url: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (
    !(await fetch(url).then(
      (response) => response.ok,
      () => false,
    ))
  ) {
    if (Date.now() > end) throw new Error(`${url} does not answer`);
    await sleep(50);
  }
}
