import { availableParallelism } from 'node:os';
import { DeviceProcess } from './device-process.ts';
import type { InferenceCalls } from './protocol.ts';
import type { ComputeType } from '../weights/weights.ts';

const DEFAULT_DEADLINE_MS = 600_000;
const DEFAULT_LOAD_DEADLINE_MS = 1_800_000;

/** Where a model computes, and for how long it may. */
export interface DeviceOptions {
  /**
   * One inference process is started for each: `cpu`, `cuda:0`, …; a name may be given more than once. With two, the
   * conditional and the unconditional pass run at the same time and VAE tiles are shared out.
   * @default ['cpu']
   */
  devices?: string[];
  /** @default 'float32' on `cpu`, 'bfloat16' on CUDA */
  computeType?: ComputeType;
  /** Threads of each CPU device. @default cores divided by the number of devices, at least 1 */
  threads?: number;
  /** A call to an inference process that takes longer kills the process, in ms. @default 600000 */
  deadlineMs?: number;
  /** Time limit of loading the weights, in ms. @default 1800000 */
  loadDeadlineMs?: number;
}

/** The one or two devices of a model: their processes, started, loaded, and started again after a loss. */
export class Devices {
  readonly names: readonly string[];
  readonly computeType: ComputeType;
  private processes: DeviceProcess[] = [];
  private readonly dir: string;
  private readonly entry: URL;
  private readonly threads: number;
  private readonly deadlineMs: number;
  private readonly loadDeadlineMs: number;

  /**
   * @param dir folder of the model
   * @param entry module of its family that every process runs
   * @throws RangeError for more than a pair: guidance has two passes, a third device would have nothing to do
   */
  constructor(dir: string, entry: URL, options: DeviceOptions) {
    this.dir = dir;
    this.entry = entry;
    this.names = options.devices ?? ['cpu'];
    if (this.names.length < 1 || this.names.length > 2) {
      throw new RangeError(`devices: give one, or two for the two passes of guidance, not ${this.names.length}`);
    }
    const unknown = this.names.find((name) => !/^(cpu|cuda(:\d+)?)$/.test(name));
    if (unknown !== undefined) throw new RangeError(`devices: "${unknown}" is none; use cpu or cuda:0, cuda:1, …`);
    this.computeType = options.computeType ?? (this.names.includes('cpu') ? 'float32' : 'bfloat16');
    this.threads = options.threads ?? Math.max(1, Math.floor(availableParallelism() / this.names.length));
    this.deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS;
    this.loadDeadlineMs = options.loadDeadlineMs ?? DEFAULT_LOAD_DEADLINE_MS;
  }

  get count(): number {
    return this.processes.length;
  }

  get alive(): boolean {
    return this.processes.length > 0 && this.processes.every((device) => device.alive);
  }

  get pids(): number[] {
    return this.processes.flatMap(({ pid }) => pid ?? []);
  }

  /** Starts the processes and loads the weights into each, all at the same time. */
  async start(): Promise<void> {
    this.processes = this.names.map((name) => new DeviceProcess(name, this.entry));
    try {
      await Promise.all(
        this.processes.map((device, i) =>
          device.call(
            'load',
            [
              {
                dir: this.dir,
                device: device.device,
                computeType: this.computeType,
                threads: this.threads,
                textEncoder: i === 0,
              },
            ],
            this.loadDeadlineMs,
          ),
        ),
      );
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Ends all processes at once; their work is lost. */
  async stop(): Promise<void> {
    await Promise.all(this.processes.map((device) => device.kill()));
    this.processes = [];
  }

  /** Calls device `index`. @throws OutOfMemoryError, DeviceLostError */
  call<M extends keyof InferenceCalls>(
    index: number,
    method: M,
    ...args: Parameters<InferenceCalls[M]>
  ): ReturnType<InferenceCalls[M]> {
    return this.processes[index]!.call(method, args, this.deadlineMs);
  }
}
