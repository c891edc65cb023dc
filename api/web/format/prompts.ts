/** What the API takes as text: no control characters but tab and line feed, and no half of an emoji. */
export function isPlainText(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if ((code < 0x20 && code !== 0x09 && code !== 0x0a) || (code >= 0xd800 && code <= 0xdfff)) return false;
  }
  return true;
}

export const REFUSED_CHARACTERS =
  'There is something in it that is not text, such as one half of an emoji. Delete it and type it again.';

const count = new Intl.NumberFormat('en');

export const tooLong = (chars: number, maxChars: number): string =>
  `It has ${count.format(chars)} characters, and this server reads ${count.format(maxChars)}. Say it in fewer words.`;
