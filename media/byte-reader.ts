/** More was to be read than there is. */
export class EndOfBytesError extends Error {
  override readonly name = 'EndOfBytesError';
}

/** Reads forward through chunks as they come, and holds one of them at a time. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #used = 0;
  #position = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Bytes that were read and skipped so far. */
  get position(): number {
    return this.#position;
  }

  /** Whether nothing comes any more. */
  async ended(): Promise<boolean> {
    while (this.#used === this.#chunk.length) {
      const { done, value } = await this.#chunks.next();
      if (done) return true;
      this.#chunk = value;
      this.#used = 0;
    }
    return false;
  }

  /** The next bytes, in a buffer of their own. @throws EndOfBytesError */
  async read(length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0; at < length;) {
      const part = await this.#take(length - at);
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  /** @throws EndOfBytesError */
  async skip(length: number): Promise<void> {
    for (let left = length; left > 0;) left -= (await this.#take(left)).length;
  }

  /** Skips everything that comes. */
  async drain(): Promise<void> {
    while (!(await this.ended())) await this.#take(Infinity);
  }

  /** Lets go of the source, which nothing is read from any more. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** Some of the next bytes, at least one and at most `most`; a view of the chunk. */
  async #take(most: number): Promise<Uint8Array> {
    if (await this.ended()) throw new EndOfBytesError('there are no more bytes');
    const part = this.#chunk.subarray(this.#used, Math.min(this.#chunk.length, this.#used + most));
    this.#used += part.length;
    this.#position += part.length;
    return part;
  }
}
