import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** `npm start` or `npm run demo`, in a process of its own, watched through what it says. */
export class Command {
  /** Everything said so far, errors included. */
  output = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** @param program below dist, e.g. `local/start.js` */
  constructor(program: string, args: string[], env: Record<string, string>) {
    const path = fileURLToPath(new URL(`../../${program}`, import.meta.url));
    this.#child = spawn(process.execPath, [path, ...args], { env: { ...process.env, ...env } });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.#ended = once(this.#child, 'close');
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Exit code, once it has ended. */
  async ended(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }

  /** What `pattern` found in the output, past or to come; fails where it ends before. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output);
      if (found) return found;
      const over = await Promise.race([
        this.#ended.then(() => true),
        once(this.#child.stdout!, 'data').then(() => false),
      ]);
      if (over && !pattern.test(this.output)) throw new Error(`ended without saying ${pattern}:\n${this.output}`);
    }
  }
}

/** Ids of the processes that were started with all these in their arguments or environment (Linux). */
export async function processesWith(...values: string[]): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const texts = ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => ''));
      const text = (await Promise.all(texts)).join();
      return values.every((value) => text.includes(value));
    }),
  );
  return pids.filter((pid, i) => found[i] && pid !== process.pid);
}
