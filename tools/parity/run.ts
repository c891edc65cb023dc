import { Mochi } from '../../gpu-worker/families/mochi/mochi.ts';
import type { MochiOptions } from '../../gpu-worker/families/mochi/config/types.ts';
import { caseRows } from './case-rows.ts';
import { check, EQUAL, type Row } from './compare.ts';
import { readCaseSettings, ReferenceCase } from './reference-case.ts';
import { tableRows } from './tables.ts';

/**
 * Compares this implementation with what the reference left in `dir`, a model folder with cases (the format of
 * `test/fixtures/mochi-tiny-random`, whose README also has the tolerances). Computes in float32.
 *
 * @param options where to compute. @default one CPU device
 * @throws Error when `dir` has no `cases.json`; whatever else goes wrong is a row that fails
 */
export async function* parityRows(
  dir: string,
  options: Pick<MochiOptions, 'devices'> = {},
): AsyncGenerator<Row, void, void> {
  const settings = await readCaseSettings(dir);
  yield* tableRows(dir);

  let model: Mochi | undefined;
  yield await check('model folder', 'load', EQUAL, async () => {
    model = await Mochi.load(dir, { ...options, computeType: 'float32' });
    return [[], []];
  });
  if (model === undefined) return;
  try {
    for (const one of settings) {
      let reference: ReferenceCase | undefined;
      yield await check('case file', one.name, EQUAL, async () => {
        reference = await ReferenceCase.read(dir, one);
        return [[], []];
      });
      if (reference !== undefined) yield* caseRows(model, reference);
    }
  } finally {
    await model.close();
  }
}
