import { readFile } from 'node:fs/promises';

/** What must not be in a prompt. */
export type Blocklist = readonly RegExp[];

const LETTER = String.raw`[\p{L}\p{N}]`;

/**
 * Reads a block list: a word, a phrase or a `/regular expression/flags` a line; empty lines and those that begin with `#` say nothing.
 * Words count whole and in any case.
 *
 * @throws Error naming the line that cannot be used
 */
export async function readBlocklist(path: string): Promise<Blocklist> {
  const lines = (await readFile(path, 'utf8')).split(/\r?\n/);
  return lines.flatMap((line, index) => {
    const entry = line.trim();
    if (entry === '' || entry.startsWith('#')) return [];
    try {
      return [patternOf(entry)];
    } catch (error) {
      throw new Error(`line ${index + 1} is not a regular expression: ${(error as Error).message}`, { cause: error });
    }
  });
}

/** What of a text the list blocks, as it stands there; null for nothing. */
export function blockedIn(text: string, list: Blocklist): string | null {
  // One form for what looks the same: full-width letters, ligatures, any white space.
  const plain = text.normalize('NFKC').replace(/\s+/g, ' ');
  for (const pattern of list) {
    const found = pattern.exec(plain) ?? pattern.exec(text);
    if (found !== null) return found[0];
  }
  return null;
}

function patternOf(entry: string): RegExp {
  const expression = /^\/(.+)\/([a-z]*)$/.exec(entry);
  // Without g and y, which would make the answer depend on the one before.
  if (expression) return new RegExp(expression[1]!, expression[2]!.replace(/[gy]/g, ''));
  const words = entry.normalize('NFKC').split(/\s+/).map(escaped).join(' ');
  return new RegExp(`(?<!${LETTER})${words}(?!${LETTER})`, 'iu');
}

const escaped = (word: string) => word.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
