import { CharacterMap } from './charsmap.ts';
import type { T5TokenizerJson } from './tokenizer-json.ts';
import { Unigram } from './unigram.ts';

const WORD_START = '▁';
/** Rust's `char::is_whitespace`; JavaScript's `\s` knows U+FEFF and does not know U+0085. */
const WHITE_SPACE = /\p{White_Space}+/u;

/** Token ids of one text, padded to a fixed length. */
export interface PaddedIds {
  /** `[maxSequenceLength]`, the last ones `<pad>`. */
  ids: Int32Array;
  /** `[maxSequenceLength]`, 1 on tokens (the closing `</s>` too), 0 on padding. */
  mask: Uint8Array;
  /** Tokens before the padding. */
  length: number;
}

/**
 * T5's tokenizer, giving the ids that transformers 5's `T5Tokenizer` gives. The steps are written out here because
 * `@huggingface/tokenizers` approximates the character map by NFKC and does not split at `▁` inside a word.
 */
export class T5Tokenizer {
  private readonly special: Map<string, number>;
  private readonly specialPattern: RegExp;
  private readonly characterMap: CharacterMap | null;
  private readonly unigram: Unigram;
  private readonly endId: number;
  private readonly padId: number;

  /** @throws RangeError when the vocabulary lacks `</s>` or `<pad>`, or its character map is damaged */
  constructor({ added_tokens, normalizer, model }: T5TokenizerJson) {
    this.special = new Map(added_tokens.map(({ content, id }) => [content, id]));
    const idOf = (token: string): number => {
      const id = this.special.get(token);
      if (id === undefined) throw new RangeError(`the added tokens lack ${token}`);
      return id;
    };
    this.endId = idOf('</s>');
    this.padId = idOf('<pad>');
    // where two tokens start at the same place the longer one wins
    const longestFirst = [...this.special.keys()].toSorted((a, b) => b.length - a.length);
    this.specialPattern = new RegExp(`(${longestFirst.map(escapeRegExp).join('|')})`, 'u');
    this.characterMap =
      normalizer === null ? null : new CharacterMap(Buffer.from(normalizer.precompiled_charsmap, 'base64'));
    this.unigram = new Unigram(model.vocab, model.unk_id);
  }

  /** Ids with the closing `</s>`, not truncated: the length is the text's token count. */
  encode(text: string): number[] {
    const ids: number[] = [];
    for (const section of text.split(this.specialPattern)) {
      const special = this.special.get(section);
      if (special !== undefined) ids.push(special);
      else for (const word of this.words(section)) for (const id of this.unigram.encode(word)) ids.push(id);
    }
    ids.push(this.endId);
    return ids;
  }

  /** As {@link encode}, cut to `maxSequenceLength` tokens of which `</s>` stays the last, or padded up to it. */
  encodePadded(text: string, maxSequenceLength: number): PaddedIds {
    const tokens = this.encode(text);
    if (tokens.length > maxSequenceLength) tokens.splice(maxSequenceLength - 1, Infinity, this.endId);
    const ids = new Int32Array(maxSequenceLength).fill(this.padId);
    ids.set(tokens);
    return { ids, mask: new Uint8Array(maxSequenceLength).fill(1, 0, tokens.length), length: tokens.length };
  }

  /** Normalised words, each starting with `▁` and having no other. */
  private words(text: string): string[] {
    const normalized = this.characterMap?.normalize(text) ?? text;
    return normalized
      .split(WHITE_SPACE)
      .filter((word) => word !== '')
      .map((word) => (word.startsWith(WORD_START) ? word : WORD_START + word))
      .flatMap((word) => word.split(/(?=▁)/u));
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
