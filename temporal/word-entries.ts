import { createHmac, hkdfSync } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { EncryptionCodec } from './encryption/encryption-codec.ts';
import { beginningsAsked, indexOf } from './prompt-words.ts';

/** What the search attribute `Words` holds: beginnings of words, or, where payloads are encrypted, what stands for them. */

/** Whose payloads these are, encrypted or not: the words are kept as the prompts are. */
type Payloads = Pick<Client, 'options'>;

/** For the key of the entries: none that encrypts is used for anything else. */
const PURPOSE = 'kinora: words of prompts in search attributes';
/** Few tell enough apart, for what is found is compared with the prompt. */
const ENTRY_BYTES = 3;

/** Entries of a prompt, in an order that says nothing of it; at most 2 KiB as JSON. */
export function wordEntries(payloads: Payloads, prompt: string): string[] {
  const [key] = entryKeys(payloads);
  const { beginnings } = indexOf(prompt);
  return (key === undefined ? beginnings : beginnings.map((beginning) => entryOf(beginning, key))).toSorted();
}

/**
 * For words to look for: lists of entries, of each of which a video has at least one. There is an entry for every key, so that
 * videos are found that another one has encrypted. No word leaves the process in the clear where there are keys.
 */
export function entriesAsked(payloads: Payloads, words: readonly string[]): string[][] {
  const keys = entryKeys(payloads);
  return beginningsAsked(words).map((beginning) =>
    keys.length === 0 ? [beginning] : keys.map((key) => entryOf(beginning, key)),
  );
}

const entryOf = (beginning: string, key: Uint8Array): string =>
  createHmac('sha256', key).update(beginning).digest().subarray(0, ENTRY_BYTES).toString('base64url');

/** Derived from the keys that encrypt now, the first of them first; none where nothing is encrypted. */
function entryKeys({ options }: Payloads): Uint8Array[] {
  const codec = options.loadedDataConverter.payloadCodecs.find((one) => one instanceof EncryptionCodec);
  return (codec?.keys ?? []).map(({ key }) => {
    let derived = derivedKeys.get(key);
    if (derived === undefined) derivedKeys.set(key, (derived = derive(key)));
    return derived;
  });
}

const derivedKeys = new WeakMap<Buffer, Uint8Array>();
const derive = (key: Buffer) => new Uint8Array(hkdfSync('sha256', key, '', PURPOSE, 32));
