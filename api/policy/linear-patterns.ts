import { RE2JS, RE2Set } from 're2js';

/** Steps of the longest program: with it a character takes at most some 50 µs. */
const MOST_STEPS = 4_000;
/** Steps of the programs that are run as one. */
const STEPS_AT_ONCE = 8_000;

/**
 * Regular expressions whose time grows with the text's length only: no text makes them go back and try again. Many are
 * run as one.
 */
export class LinearPatterns {
  readonly #batches: { set: RE2Set; patterns: RE2JS[] }[] = [];
  #steps = Infinity;

  /**
   * @param source as between the slashes in JavaScript
   * @param flags of JavaScript; those that say how matches are counted say nothing here
   * @throws Error that says what is wrong and what to do, to be read after "line 3"
   */
  add(source: string, flags: string): void {
    if (!/^[dgimsuvy]*$/.test(flags)) throw unusable(`unknown flags "${flags}"`);
    const modes = ['i', 'm', 's'].filter((mode) => flags.includes(mode)).join('');
    let pattern: RE2JS;
    try {
      pattern = RE2JS.compile(`(?${modes}:${RE2JS.translateRegExp(withShortProperties(source))})`);
    } catch (error) {
      throw unusable((error as Error).message.replace(/^error parsing regexp: /, ''), error);
    }
    const steps = pattern.programSize();
    if (steps > MOST_STEPS) {
      throw new Error(
        `is too large a regular expression: ${steps} steps for each character, at most ${MOST_STEPS} are taken. Repeat fewer times ({1,50} instead of {1,1000}), or make several lines of it`,
      );
    }
    if (this.#steps + steps > STEPS_AT_ONCE) {
      this.#batches.push({ set: new RE2Set(), patterns: [] });
      this.#steps = 0;
    }
    const batch = this.#batches.at(-1)!;
    batch.set.add(pattern.pattern());
    batch.patterns.push(pattern);
    this.#steps += steps;
  }

  /** After the last of them, before the first text. */
  compile(): void {
    for (const { set } of this.#batches) set.compile();
  }

  /** What one of them finds in a text; null for nothing. */
  find(text: string): string | null {
    for (const { set, patterns } of this.#batches) {
      const [first] = set.match(text);
      if (first !== undefined) return patterns[first]!.exec(text)?.[0] ?? '';
    }
    return null;
  }
}

const unusable = (reason: string, cause?: unknown) =>
  new Error(
    `is not a regular expression that can be used: ${reason}. It is read without going back in the text, so there are no look-arounds ((?=…), (?<!…)) and no references to groups (\\1): a line without slashes stands for whole words, and \\b for a word's edge`,
    { cause },
  );

/** `\p{Script=Greek}` of JavaScript, as RE2 writes it: `\p{Greek}`. */
const withShortProperties = (source: string) =>
  source.replace(
    /\\([pP])\{(?:Script|sc|Script_Extensions|scx|General_Category|gc)=(\w{1,40})\}/g,
    String.raw`\$1{$2}`,
  );
