import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Runs a command to its end. @throws Error with what it said */
export function run(program: string, args: string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { env, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(' ')}: ${stdout}${stderr || error.message}`));
      else resolve(stdout + stderr);
    });
  });
}

/** The programs that make a node, each with a log of its own. */
export class Daemons {
  readonly #folder: string;
  readonly #children = new Map<string, ChildProcess>();

  /** @param folder of the logs */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts one, to run until the node ends. */
  async start(name: string, program: string, flags: Record<string, string | number | boolean>): Promise<void> {
    const log = await open(join(this.#folder, `${name}.log`), 'a');
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    const child = spawn(program, args, { stdio: ['ignore', log.fd, log.fd] });
    child.on('error', () => {});
    await log.close();
    this.#children.set(name, child);
  }

  /** @throws Error with the end of its log where one has ended */
  async check(): Promise<void> {
    for (const [name, { exitCode, signalCode, pid }] of this.#children) {
      if (pid !== undefined && exitCode === null && signalCode === null) continue;
      const log = await readFile(join(this.#folder, `${name}.log`), 'utf8');
      throw new Error(`${name} has ended:\n${log.slice(-2_000)}`);
    }
  }

  /** Waits until something holds, while all of them run. @throws as {@link check}, or after `seconds` */
  async until(what: string, holds: () => Promise<boolean>, seconds = 180): Promise<void> {
    for (const end = Date.now() + seconds * 1000; !(await holds());) {
      await this.check();
      if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}
