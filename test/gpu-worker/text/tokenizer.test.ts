import { describe, expect, it } from 'vitest';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tokenizeText } from '../../../gpu-worker/families/mochi/text.ts';
import { loadTokenizer } from '../../../gpu-worker/text/tokenizer/load.ts';
import { MOCHI_FIXTURE, readFixtureJson, withFixtureCopy } from '../../../tools/harness/model/mochi-fixture.ts';

interface Padded {
  max_length: number;
  ids: number[];
  mask: number[];
}
interface TokenizerCases {
  padded: Padded & { text: string };
  truncated: Padded;
  cases: { text: string; ids: number[] }[];
}

const cases = await readFixtureJson<TokenizerCases>('tokenizer_cases.json');
const longText = cases.cases.find(({ text }) => text.length > 1000)!.text;

const sources: [string, <T>(use: (folder: string) => Promise<T>) => Promise<T>][] = [
  ['tokenizer.json', (use) => use(join(MOCHI_FIXTURE, 'tokenizer'))],
  [
    'spiece.model alone, as in the published repository',
    (use) =>
      withFixtureCopy(async (folder) => {
        await rm(join(folder, 'tokenizer.json'));
        await rm(join(folder, 'tokenizer_config.json'));
        return use(folder);
      }, 'tokenizer'),
  ],
];

describe.each(sources)('a prompt becomes the ids that the reference gives, from %s', (_, withFolder) => {
  it.each(cases.cases)('$text', async ({ text, ids }) => {
    expect((await withFolder(loadTokenizer)).encode(text)).toEqual(ids);
  });

  it('is padded, and cut with </s> kept last', async () => {
    const tokenizer = await withFolder(loadTokenizer);
    for (const [text, { ids, mask, max_length }] of [
      [cases.padded.text, cases.padded],
      [longText, cases.truncated],
    ] as const) {
      expect(tokenizer.encodePadded(text, max_length)).toEqual({
        ids: Int32Array.from(ids),
        mask: Uint8Array.from(mask),
        length: mask.filter((bit) => bit === 1).length,
      });
    }
  });
});

describe('special tokens are only what was typed as such', () => {
  it('full-width brackets, which the character map turns into <pad>, do not make a pad token of the reader', async () => {
    const tokenizer = await loadTokenizer(join(MOCHI_FIXTURE, 'tokenizer'));
    expect(tokenizer.encode('<pad>')).toEqual([0, 1]);
    expect(tokenizer.encode('＜pad＞')).not.toEqual([0, 1]);
  });
});

describe('an empty prompt follows the reference in both of its modes', () => {
  it.each([
    { text: '', force: true, length: 0, first: 0 },
    { text: '', force: false, length: 1, first: 1 },
    { text: ' ', force: true, length: 1, first: 1 },
  ])(
    '"$text" with force_zeros_for_empty_prompt $force has $length valid tokens',
    async ({ text, force, length, first }) => {
      const tokenizer = await loadTokenizer(join(MOCHI_FIXTURE, 'tokenizer'));
      expect(tokenizeText(tokenizer, text, 4, force)).toEqual({
        ids: Int32Array.from([first, 0, 0, 0]),
        mask: Uint8Array.from([length, 0, 0, 0]),
        length,
      });
    },
  );
});

describe('an unusable tokenizer says which file is wrong, and why', () => {
  const broken: [string, RegExp, (folder: string) => Promise<void>][] = [
    [
      'no file at all',
      /holds no tokenizer\.json and no spiece\.model/,
      async (folder) => {
        await rm(join(folder, 'tokenizer.json'));
        await rm(join(folder, 'spiece.model'));
      },
    ],
    [
      'a tokenizer.json of another model',
      /tokenizer\.json: .*model\.type/,
      async (folder) => {
        const file = join(folder, 'tokenizer.json');
        const json = JSON.parse(await readFile(file, 'utf8')) as { model: { type: string } };
        json.model.type = 'BPE';
        await writeFile(file, JSON.stringify(json));
      },
    ],
    [
      'a tokenizer.json cut short',
      /tokenizer\.json: /,
      (folder) => writeFile(join(folder, 'tokenizer.json'), '{"model":'),
    ],
    [
      'a spiece.model cut short',
      /spiece\.model: /,
      async (folder) => {
        await rm(join(folder, 'tokenizer.json'));
        const file = join(folder, 'spiece.model');
        await writeFile(file, (await readFile(file)).subarray(0, 900));
      },
    ],
  ];
  it.each(broken)('%s', (_, message, spoil) =>
    withFixtureCopy(async (folder) => {
      await spoil(folder);
      await expect(loadTokenizer(folder)).rejects.toThrow(message);
      await expect(loadTokenizer(folder)).rejects.toThrow(folder);
    }, 'tokenizer'),
  );
});
