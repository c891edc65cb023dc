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

  /** To be called before the server is started. Nothing was ever kept in a database that is still marked: it is made anew. */
  async begin(): Promise<void> {
    // Also where a server would come up with it: it may lack its last tables.
    if (await exists(this.#mark)) {
      await Promise.all(['', '-wal', '-shm'].map((suffix) => rm(this.#file + suffix, { force: true })));
    }
    if (!(await exists(this.#file))) await writeFile(this.#mark, '');
  }

  /** The server is up with it. */
  async finish(): Promise<void> {
    await rm(this.#mark, { force: true });
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
