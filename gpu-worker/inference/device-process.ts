import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { DeviceLostError, OutOfMemoryError } from './errors.ts';
import { ModelFolderError } from '../weights/errors.ts';
import { inferenceEnvironment } from './environment.ts';
import type { InferenceCalls, Reply } from './protocol.ts';

interface Pending {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

/** The parent's side of one inference process. It never blocks, and it kills a process that misses a deadline. */
export class DeviceProcess {
  readonly device: string;
  private readonly child: ChildProcess;
  private readonly pending = new Map<number, Pending>();
  private readonly exited: Promise<void>;
  private nextId = 0;
  private lost: Error | undefined;

  /** @param entry module of a family that calls `serveCalls` */
  constructor(device: string, entry: URL) {
    this.device = device;
    this.child = fork(fileURLToPath(entry), [String(process.pid)], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 2, 'inherit', 'ipc'],
      env: {
        ...inferenceEnvironment(process.env),
        // ONNX Runtime would report to its makers what runs here, and leave a file in the temporary folder each time.
        ORT_DISABLE_TELEMETRY: '1',
        // Its CUDA provider would round float32 factors to 10 bits (TF32), which the reference does not.
        NVIDIA_TF32_OVERRIDE: '0',
      },
    });
    this.child.on('message', (reply: Reply) => this.settle(reply));
    this.exited = new Promise((resolve) => {
      this.child.on('error', (error) => {
        this.fail(new DeviceLostError(`${device}: ${error.message}`));
        // One that was never started does not end either.
        if (this.child.pid === undefined) resolve();
      });
      this.child.once('exit', (code, signal) => {
        this.fail(new DeviceLostError(`the inference process of ${device} ended (${signal ?? `exit code ${code}`})`));
        resolve();
      });
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get alive(): boolean {
    return this.lost === undefined;
  }

  /**
   * Calls the process.
   *
   * @param deadlineMs the process is killed when it has not answered by then
   * @throws OutOfMemoryError, DeviceLostError, ModelFolderError
   */
  call<M extends keyof InferenceCalls>(
    method: M,
    args: Parameters<InferenceCalls[M]>,
    deadlineMs: number,
  ): ReturnType<InferenceCalls[M]> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.lost !== undefined) {
        reject(this.lost);
        return;
      }
      const id = this.nextId++;
      const timer = setTimeout(() => {
        this.fail(new DeviceLostError(`${this.device}: ${method} took longer than ${deadlineMs} ms and was killed`));
        this.child.kill('SIGKILL');
      }, deadlineMs);
      this.pending.set(id, { resolve, reject, timer });
      // How it ended says more than that it cannot be reached.
      this.child.send({ id, method, args }, (error) => error && this.child.kill('SIGKILL'));
    }) as ReturnType<InferenceCalls[M]>;
  }

  /** Ends the process at once and waits until it is gone. */
  async kill(): Promise<void> {
    this.fail(new DeviceLostError(`the inference process of ${this.device} was stopped`));
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private settle(reply: Reply): void {
    const pending = this.pending.get(reply.id);
    if (pending === undefined) return;
    this.pending.delete(reply.id);
    clearTimeout(pending.timer);
    if ('result' in reply) {
      pending.resolve(reply.result);
      return;
    }
    const { message, outOfMemory, name } = reply.error;
    if (outOfMemory) pending.reject(new OutOfMemoryError(`${this.device}: ${message}`));
    else if (name === 'ModelFolderError') pending.reject(new ModelFolderError(message));
    else pending.reject(new Error(`${this.device}: ${message}`));
  }

  private fail(error: Error): void {
    this.lost ??= error;
    for (const { reject, timer } of this.pending.values()) {
      clearTimeout(timer);
      reject(this.lost);
    }
    this.pending.clear();
  }
}
