import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Run } from './interleave.ts';
import { PYTHON_FOLDER } from './python-environment.ts';

/** A Python process that has prepared a task and runs it when told; baseline.py is its other side. */
export class Baseline {
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;

  private constructor(child: ChildProcess) {
    this.child = child;
    this.answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  /**
   * @param task module beside baseline.py
   * @param args what its `prepare` takes
   */
  static async start(python: string, task: string, args: object): Promise<Baseline> {
    const child = spawn(python, [join(PYTHON_FOLDER, 'baseline.py'), task, JSON.stringify(args)], {
      env: { ...process.env, HF_HUB_OFFLINE: '1', DIFFUSERS_VERBOSITY: 'error', TRANSFORMERS_VERBOSITY: 'error' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(child, 'spawn');
    const baseline = new Baseline(child);
    await baseline.answer();
    return baseline;
  }

  /**
   * Runs the task once.
   *
   * @param save where to leave what it gave, as float32
   */
  async run(save?: string): Promise<Run> {
    this.child.stdin!.write(`${JSON.stringify({ save })}\n`);
    return (await this.answer()) as Run;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  private async answer(): Promise<unknown> {
    const { done, value } = await this.answers.next();
    if (done) throw new Error('the Python side ended; see above');
    return JSON.parse(value);
  }
}
