import { LOOKS_LIKE } from './confusables.ts';

/** A text as it is read for the block list. */
export interface Folded {
  text: string;
  /** Of each UTF-16 unit of `text`: where in the source it comes from. */
  from: number[];
}

/** What becomes of characters that are not seen: nothing, a space, or what the model's tokenizer makes of each. */
type Unseen = 'joins' | 'parts' | 'model';
/** What look-alikes count as: themselves, or the letter; `l`, `I`, `1` and the like are one by one and the other the other. */
type Look = 'own' | 'l' | 'I';

const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cc}\u2581\ufffd]/u;
/** Of these, what SentencePiece's `nmt_nfkc`, the map of T5's tokenizer, reads as a space; other control characters as nothing. */
const MODEL_PARTS = /[\u200b\u200c\u200e\u200f\u2581\ufeff\ufffd]/u;
/** What the tokenizer reads as a token of its own, with words to each side. */
const MODEL_TOKENS = /<(?:pad|\/s|unk|extra_id_\d{1,3})>/g;
const SPACE = /\p{White_Space}/u;
/** Accents and the like, but not the marks of kana, which make other letters. */
const MARK = /(?![\u3099\u309a])(?=\p{M})\p{Script=Inherited}/gu;
const ASCII = /^[\x20-\x7e]*$/;
const WORD = /[\p{L}\p{N}]+/gu;

/**
 * The ways to read a text, without those that come to the same: by what is not seen, and by what letters look like. Of a
 * plain English text there is one.
 *
 * @param cased keeps upper and lower case apart
 */
export function readings(source: string, { cased }: { cased: boolean }): Folded[] {
  const hidden = UNSEEN.test(source) || source.includes('<');
  const found = new Map<string, Folded>();
  for (const unseen of hidden ? (['joins', 'parts', 'model'] as const) : (['joins'] as const)) {
    for (const look of ['own', 'l', 'I'] as const) {
      const folded = fold(source, unseen, look, cased);
      if (!found.has(folded.text)) found.set(folded.text, folded);
    }
  }
  return [...found.values()];
}

function fold(source: string, unseen: Unseen, look: Look, cased: boolean): Folded {
  const read = unseen === 'model' ? source.replace(MODEL_TOKENS, (token) => ' '.repeat(token.length)) : source;
  let text = '';
  const from: number[] = [];
  let at = 0;
  for (const character of read) {
    const seen = seenAs(character, unseen);
    if (seen !== ' ' || !text.endsWith(' ')) {
      // A capital I behind a small letter is read as an l.
      const bar = look === 'l' && seen === 'I' && /[a-z]/.test(source[at - 1] ?? '');
      const letter = bar ? 'l' : look === 'own' ? seen : lookOf(seen, look);
      const folded = cased ? letter : letter.toUpperCase().toLowerCase();
      text += folded;
      for (let i = 0; i < folded.length; i++) from.push(at);
    }
    at += character.length;
  }
  return { text: look === 'own' ? text : digitsAsLetters(text, look), from };
}

function seenAs(character: string, unseen: Unseen): string {
  if (ASCII.test(character)) return character;
  if (SPACE.test(character)) return ' ';
  if (UNSEEN.test(character)) {
    return unseen === 'parts' || (unseen === 'model' && MODEL_PARTS.test(character)) ? ' ' : '';
  }
  return character.normalize('NFKD').replace(MARK, '').normalize('NFC');
}

function lookOf(seen: string, look: 'l' | 'I'): string {
  if (ASCII.test(seen)) return seen;
  return Array.from(seen, (character) => {
    const like = LOOKS_LIKE.get(character.codePointAt(0)!) ?? character;
    if (look === 'l') return like;
    // Capitals of other scripts look like more letters than their small ones do.
    const capital = LOOKS_LIKE.get(character.toUpperCase().codePointAt(0)!) ?? like;
    return capital === 'l' ? 'I' : capital;
  }).join('');
}

/** `0` and `1` within a word are letters. */
function digitsAsLetters(text: string, look: 'l' | 'I'): string {
  return text.replace(WORD, (word) =>
    /\p{L}/u.test(word) && /[01]/.test(word)
      ? word.replaceAll('0', 'o').replaceAll('1', look === 'l' ? 'l' : 'i')
      : word,
  );
}
