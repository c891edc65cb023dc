import { readings } from './folding.ts';
import { LinearPatterns } from './linear-patterns.ts';
import { PhraseTree } from './phrase-tree.ts';

/**
 * What must not be in a prompt. A text is read in every way that hides a word from a reader of the list but not from the
 * model or from people: characters that are not seen, full-width and accented letters, letters of other scripts.
 */
export class Blocklist {
  /** Lines that say something. */
  readonly entries: number;
  readonly #phrases = new PhraseTree();
  readonly #patterns = new LinearPatterns();

  /**
   * @param text a word, a phrase or a `/regular expression/flags` a line; empty lines and those that begin with `#` say
   * nothing. Words count whole and in any case.
   * @throws Error naming the line that cannot be used
   */
  constructor(text: string) {
    let entries = 0;
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      const entry = line.trim();
      if (entry === '' || entry.startsWith('#')) continue;
      entries++;
      const expression = /^\/(.+)\/([a-z]*)$/.exec(entry);
      if (expression === null) {
        for (const { text: phrase } of readings(entry.normalize('NFKC'), { cased: false })) this.#phrases.add(phrase);
        continue;
      }
      try {
        this.#patterns.add(expression[1]!, expression[2]!);
      } catch (error) {
        throw new Error(`line ${index + 1} ${(error as Error).message}`, { cause: error });
      }
    }
    this.#patterns.compile();
    this.entries = entries;
  }

  /** What of a text the list blocks, as it stands there; null for nothing. */
  find(text: string): string | null {
    const plain = text.normalize('NFKC');
    for (const { text: read, from } of readings(plain, { cased: false })) {
      const found = this.#phrases.find(read);
      if (found !== null) return shown(plain.slice(from[found.start], endOf(plain, from[found.end - 1]!)));
    }
    const ways = new Set([text, plain.replace(/\s+/g, ' ')]);
    for (const { text: read } of readings(plain, { cased: true })) ways.add(read);
    for (const way of ways) {
      const found = this.#patterns.find(way);
      if (found !== null) return shown(found);
    }
    return null;
  }
}

/** Where the character at `index` ends, with what belongs to it. */
function endOf(text: string, index: number): number {
  return index + /^.\p{M}*/su.exec(text.slice(index, index + 16))![0].length;
}

/** For a message: without what is not seen. */
const shown = (text: string) =>
  text
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu, (character) => (/\s/.test(character) ? ' ' : ''))
    .replace(/\s+/g, ' ');
