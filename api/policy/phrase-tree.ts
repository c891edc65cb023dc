/** Words and what is between them: runs of letters and digits, and every other character by itself. */
const TOKENS = /[\p{L}\p{N}]+|[^\p{L}\p{N}]/gu;
const WORD = /^[\p{L}\p{N}]/u;

interface Node {
  next: Map<string, Node>;
  /** A phrase ends here. */
  ends: boolean;
}

const newNode = (): Node => ({ next: new Map(), ends: false });

/** Many phrases that are looked for at once, whole words only: their number costs no time. */
export class PhraseTree {
  readonly #root = newNode();

  add(phrase: string): void {
    let node = this.#root;
    const tokens = phrase.trim().match(TOKENS) ?? [];
    for (const token of tokens) {
      const next = node.next.get(token) ?? newNode();
      node.next.set(token, next);
      node = next;
    }
    if (tokens.length > 0) node.ends = true;
  }

  /** Where the first of them stands in a text. */
  find(text: string): { start: number; end: number } | null {
    const tokens = Array.from(text.matchAll(TOKENS), ({ 0: token, index }) => ({
      token,
      index,
      word: WORD.test(token),
    }));
    for (const [first, { index: start }] of tokens.entries()) {
      // What begins with a sign is not a part of the word before it, and likewise at its end.
      if (tokens[first - 1]?.word && !tokens[first]!.word) continue;
      let node: Node | undefined = this.#root;
      for (let at = first; at < tokens.length; at++) {
        node = node.next.get(tokens[at]!.token);
        if (node === undefined) break;
        if (node.ends && (tokens[at]!.word || !tokens[at + 1]?.word)) {
          return { start, end: tokens[at]!.index + tokens[at]!.token.length };
        }
      }
    }
    return null;
  }
}
