import { afterAll, beforeAll, expect, it } from 'vitest';
import { Mochi } from '../../../../gpu-worker/families/mochi/index.ts';
import { MOCHI_FIXTURE } from '../../../../tools/harness/model/mochi-fixture.ts';

let model: Mochi;
beforeAll(async () => {
  model = await Mochi.load(MOCHI_FIXTURE);
});
afterAll(() => model?.close());

it('a text that several videos have is encoded once, and no other is taken for it', async () => {
  const first = await model.encodeText(Int32Array.of(5, 6, 1));
  expect(await model.encodeText(Int32Array.of(5, 6, 1))).toBe(first);
  const other = await model.encodeText(Int32Array.of(56, 1));
  expect(other).toHaveLength((first.length / 3) * 2);
  const [again, calls] = [await Mochi.load(MOCHI_FIXTURE), model.devices];
  try {
    // As it is encoded anew, elsewhere and here.
    expect(await again.encodeText(Int32Array.of(5, 6, 1))).toEqual(first);
    expect(await calls.call(0, 'encodeText', [5, 6, 1])).toEqual(first);
  } finally {
    await again.close();
  }
});
