import { link, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inBackground } from '../../../platform/flow/background.ts';

/** Counts steps in the logs of all GPU workers that there ever were: files get a second name, for when their pod is gone. */
export class StepLog {
  readonly #from: string;
  readonly #to: string;
  readonly #read = new Map<string, number>();
  readonly #done = new Map<string, number>();

  private constructor(from: string, to: string) {
    this.#from = from;
    this.#to = to;
  }

  /**
   * @param from where the kubelet keeps the logs of pods
   * @param to on the same disk; is made
   */
  static async start(from: string, to: string): Promise<StepLog> {
    await mkdir(to, { recursive: true });
    const log = new StepLog(from, to);
    void inBackground(() => log.#keep(), 300, new AbortController().signal);
    return log;
  }

  /** How many steps were done of each video, by all attempts together. */
  async done(): Promise<ReadonlyMap<string, number>> {
    await this.#keep();
    for (const name of await readdir(this.#to)) {
      const text = await this.#newLines(name);
      for (const [, videoId] of text.matchAll(/"videoId":"(\w+)".*"msg":"Step"/g)) {
        this.#done.set(videoId!, (this.#done.get(videoId!) ?? 0) + 1);
      }
    }
    return this.#done;
  }

  async #newLines(name: string): Promise<string> {
    const from = this.#read.get(name) ?? 0;
    const file = await open(join(this.#to, name));
    try {
      const { size } = await file.stat();
      const { buffer } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
      const end = buffer.lastIndexOf('\n') + 1;
      this.#read.set(name, from + end);
      return buffer.toString('utf8', 0, end);
    } finally {
      await file.close();
    }
  }

  async #keep(): Promise<void> {
    const pods = await readdir(this.#from).catch(() => []);
    for (const pod of pods.filter((name) => name.startsWith('kinora_gpu-worker'))) {
      const folder = join(this.#from, pod, 'gpu-worker');
      for (const file of await readdir(folder).catch(() => [])) {
        // It is there already, or just gone.
        await link(join(folder, file), join(this.#to, `${pod}-${file}`)).catch(() => {});
      }
    }
  }
}
