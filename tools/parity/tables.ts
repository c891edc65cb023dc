import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { randn } from '../../gpu-worker/inference/noise.ts';
import { linearQuadraticSchedule } from '../../gpu-worker/families/mochi/schedule.ts';
import { loadTokenizer, TOKENIZER_FILES } from '../../gpu-worker/text/tokenizer/load.ts';
import { check, EQUAL, within, type Row } from './compare.ts';

export const SIGMAS = within(1e-7);
export const TIMESTEPS = within(1e-4);
/** What `randn.json` says of itself: torch's own numbers differ by as much from machine to machine. */
const NOISE = within(2e-6);

const numbers = z.array(z.number());
const tokenizerSchema = z.object({
  padded: z.object({ text: z.string(), max_length: z.int(), ids: numbers, mask: numbers }),
  truncated: z.object({ max_length: z.int(), ids: numbers, mask: numbers }),
  cases: z.array(z.object({ text: z.string(), ids: numbers })).min(1),
});
const schedulesSchema = z.object({
  schedules: z.record(z.string(), z.object({ sigmas: numbers, timesteps: numbers })),
});
const randnSchema = z.object({
  cases: z.array(z.object({ seed: z.number(), n: z.int(), values: numbers })).min(1),
});

/** Rows of what needs no model: `tokenizer_cases.json` on each file that is there, `schedules.json`, `randn.json`. */
export async function* tableRows(dir: string): AsyncGenerator<Row, void, void> {
  const table = async <T>(name: string, schema: z.ZodType<T>): Promise<T> =>
    schema.parse(JSON.parse(await readFile(join(dir, name), 'utf8')));

  const present = await readdir(join(dir, 'tokenizer'));
  for (const file of TOKENIZER_FILES.filter((name) => present.includes(name))) {
    yield await check('tokenizer cases', file, EQUAL, async () => {
      const { cases, padded, truncated } = await table('tokenizer_cases.json', tokenizerSchema);
      const tokenizer = await loadTokenizer(join(dir, 'tokenizer'), [file]);
      // the text that was cut is the longest one
      const longest = cases.reduce((a, b) => (b.text.length > a.text.length ? b : a)).text;
      const cut = [padded, { ...truncated, text: longest }].map(({ text, max_length, ids, mask }) => {
        const found = tokenizer.encodePadded(text, max_length);
        return { found: [...found.ids, ...found.mask], expected: [...ids, ...mask] };
      });
      const whole = cases.map(({ text, ids }) => ({ found: tokenizer.encode(text), expected: ids }));
      return inOne([...whole, ...cut]);
    });
  }

  for (const [which, rule] of [
    ['sigmas', SIGMAS],
    ['timesteps', TIMESTEPS],
  ] as const) {
    yield await check(which, 'schedules.json', rule, async () => {
      const { schedules } = await table('schedules.json', schedulesSchema);
      return inOne(
        Object.entries(schedules).map(([steps, expected]) => ({
          found: [...linearQuadraticSchedule(Number(steps), 1000)[which]],
          expected: expected[which],
        })),
      );
    });
  }

  yield await check('start noise', 'randn.json', NOISE, async () => {
    const { cases } = await table('randn.json', randnSchema);
    const made = cases.map(async ({ seed, n, values }) => ({ found: [...(await randn(seed, n))], expected: values }));
    return inOne(await Promise.all(made));
  });
}

/** Many short lists as one pair. Where two differ in length, all of their values are missing. */
function inOne(lists: { found: number[]; expected: number[] }[]): [number[], number[]] {
  const aligned = lists.map(({ found, expected }) =>
    found.length === expected.length ? found : expected.map(() => NaN),
  );
  return [aligned.flat(), lists.flatMap(({ expected }) => expected)];
}
