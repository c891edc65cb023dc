import { access, rm, writeFile } from 'node:fs/promises';

/**
 * A database that a server was killed in the middle of making is never accepted again: the server takes every file that is
 * there for a whole one. So a mark stands beside it until it has been up once.
 */
export class UnfinishedDatabase {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  get #mark(): string {
    return `${this.#file}.unfinished`;
  }

  /** To be called before the server is started. */
  async begin(): Promise<void> {
    // A server comes up with some that lack their last tables, too.
    if (await exists(this.#mark)) await this.#remove();
    if (!(await exists(this.#file))) await writeFile(this.#mark, '');
  }

  /** The server is up with it. */
  async finish(): Promise<void> {
    await rm(this.#mark, { force: true });
  }

  /** The server did not accept it: nothing was ever kept in it if it is still marked, and it is made anew next time. */
  async refused(): Promise<void> {
    if (await exists(this.#mark)) await this.#remove();
  }

  async #remove(): Promise<void> {
    await Promise.all(['', '-wal', '-shm'].map((suffix) => rm(this.#file + suffix, { force: true })));
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
