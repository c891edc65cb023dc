import { z } from 'zod';
import { TokenizerFileError } from './errors.ts';

const addedToken = z.object({
  id: z.int().min(0),
  content: z.string().min(1),
  // white space beside a token is dropped anyway, so lstrip and rstrip need no care
  single_word: z.literal(false).default(false),
  normalized: z.literal(false).default(false),
});

const metaspace = z.object({
  type: z.literal('Metaspace'),
  replacement: z.literal('▁'),
  prepend_scheme: z.literal('always').default('always'),
  split: z.literal(true).default(true),
});

/** The part of `tokenizer.json` that T5 needs, and all that we implement: anything else is refused, not ignored. */
const t5TokenizerJson = z.object({
  added_tokens: z.array(addedToken),
  normalizer: z.object({ type: z.literal('Precompiled'), precompiled_charsmap: z.base64() }).nullable(),
  pre_tokenizer: z.object({
    type: z.literal('Sequence'),
    pretokenizers: z.tuple([z.object({ type: z.literal('WhitespaceSplit') }), metaspace]),
  }),
  model: z.object({
    type: z.literal('Unigram'),
    unk_id: z.int().min(0),
    vocab: z.array(z.tuple([z.string(), z.number()])).min(1),
    byte_fallback: z.literal(false).default(false),
  }),
});

/** Hugging Face's `tokenizer.json`, as far as a T5 tokenizer uses it. */
export type T5TokenizerJson = z.infer<typeof t5TokenizerJson>;

/**
 * Reads the contents of a `tokenizer.json`.
 *
 * @param file only named in errors
 * @throws TokenizerFileError when it is no JSON, or describes something other than a T5 tokenizer
 */
export function parseTokenizerJson(text: string, file: string): T5TokenizerJson {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new TokenizerFileError(`${file}: ${(error as Error).message}`);
  }
  const parsed = t5TokenizerJson.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new TokenizerFileError(
    `${file}: not a T5 tokenizer that is supported: ${path.join('.')}: ${message}. ` +
      'If spiece.model lies beside it, remove this file and spiece.model is read instead.',
  );
}
