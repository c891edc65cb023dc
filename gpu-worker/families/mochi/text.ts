import type { PaddedIds, T5Tokenizer } from '../../text/tokenizer/t5-tokenizer.ts';

/**
 * Ids of one text (the prompt, or the negative prompt) as MochiPipeline makes them. Each of the two is a list of its
 * own in the reference, so its rule about the last text of a list is here one about this text: with
 * `forceZerosForEmptyPrompt` an empty text has id 0 everywhere and no valid token at all (length 0), which leaves the
 * transformer nothing but a constant pooled vector. A text of spaces is not empty; without the flag an empty text is
 * one `</s>`.
 *
 * @param maxSequenceLength tokens that the text is cut or padded to, `</s>` included
 */
export function tokenizeText(
  tokenizer: T5Tokenizer,
  text: string,
  maxSequenceLength: number,
  forceZerosForEmptyPrompt: boolean,
): PaddedIds {
  if (forceZerosForEmptyPrompt && text === '') {
    return { ids: new Int32Array(maxSequenceLength), mask: new Uint8Array(maxSequenceLength), length: 0 };
  }
  return tokenizer.encodePadded(text, maxSequenceLength);
}
