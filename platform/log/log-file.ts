import { LineWriter } from './line-writer.ts';

const ROTATE_BYTES = 10_000_000;
const WAITING_BYTES = 1_000_000;

/** The log of a process that this one has started. */
export class LogFile extends LineWriter {
  readonly #tell: (line: string) => void;

  /** @param tell is told when the log cannot be written, and when it can be again */
  constructor(path: string, tell: (line: string) => void = () => {}, rotateBytes = ROTATE_BYTES) {
    super(path, { waitingBytes: WAITING_BYTES, rotateBytes });
    this.#tell = tell;
  }

  /** @param text whole lines */
  write(text: string): void {
    this.append(text);
  }

  protected override onFault({ message }: Error): void {
    this.#tell(`The log ${this.path} cannot be written (${message}). The service goes on.`);
  }

  protected override onRecovery(lostLines: number, fault: Error | null): void {
    const msg = `This log could not be written (${fault?.message ?? 'it came too fast'}); ${lostLines} lines are lost`;
    this.#tell(`The log ${this.path} is written again; ${lostLines} lines are lost.`);
    this.write(`${JSON.stringify({ level: 'warn', time: new Date().toISOString(), name: 'log', msg })}\n`);
  }
}
