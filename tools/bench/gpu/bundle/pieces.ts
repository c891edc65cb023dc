import { createHash } from 'node:crypto';
import { type FileHandle, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';

/** Lists the pieces and their checksums, as `sha256sum` reads them. */
export const SUMS = 'SHA256SUMS';
const NAME = 'bundle.tar.gz.';

/** Writes what it is given as numbered files of a folder, and their checksums; earlier pieces there are removed. */
export class Pieces extends Writable {
  readonly #folder: string;
  readonly #bytes: number;
  readonly #sums: string[] = [];
  #file: FileHandle | undefined;
  #hash = createHash('sha256');
  #written = 0;

  /** @param bytes of each piece but the last */
  constructor(folder: string, bytes: number) {
    super();
    this.#folder = folder;
    this.#bytes = bytes;
  }

  get count(): number {
    return this.#sums.length;
  }

  override _construct(callback: (error?: Error) => void): void {
    const remove = async () => {
      const old = (await readdir(this.#folder)).filter((name) => name.startsWith(NAME) || name === SUMS);
      for (const name of old) await rm(join(this.#folder, name));
    };
    remove().then(() => callback(), callback);
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error) => void): void {
    this.#put(chunk).then(() => callback(), callback);
  }

  override _final(callback: (error?: Error) => void): void {
    const end = async () => {
      await this.#finish();
      await writeFile(join(this.#folder, SUMS), this.#sums.join(''));
    };
    end().then(() => callback(), callback);
  }

  async #put(chunk: Buffer): Promise<void> {
    for (let rest = chunk; rest.length > 0;) {
      this.#file ??= await open(join(this.#folder, this.#name()), 'w');
      const part = rest.subarray(0, this.#bytes - this.#written);
      await this.#file.writeFile(part);
      this.#hash.update(part);
      this.#written += part.length;
      if (this.#written === this.#bytes) await this.#finish();
      rest = rest.subarray(part.length);
    }
  }

  async #finish(): Promise<void> {
    if (this.#file === undefined) return;
    await this.#file.close();
    this.#sums.push(`${this.#hash.digest('hex')}  ${this.#name()}\n`);
    this.#file = undefined;
    this.#hash = createHash('sha256');
    this.#written = 0;
  }

  #name(): string {
    return `${NAME}${String(this.#sums.length + 1).padStart(2, '0')}`;
  }
}
