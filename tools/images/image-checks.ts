import { join } from 'node:path';
import { assertContents, assertNamesLack, assertRefusesCuda, type Ended, loadOnCuda } from './contents.ts';
import type { Engine } from './engine/engine.ts';
import { imageOf, ROOT, TARGETS } from './targets.ts';

const TINY = join(ROOT, 'gpu-worker/models/mochi-tiny');
const SAFE = ['--rm', '--network', 'none', '--read-only', '--cap-drop', 'ALL', '--tmpfs', '/tmp:mode=1777'];
const LIST = `console.log(require('node:fs').readdirSync('.', { recursive: true }).join('\\n'))`;

/** What every image holds, and that its process starts and names what it lacks. */
export async function checkImages(engine: Engine, say: (line: string) => void): Promise<void> {
  for (const target of TARGETS) {
    const files = await engine.docker(['run', ...SAFE, imageOf(target), 'node', '--eval', LIST]);
    assertContents(target, files.trim().split('\n'));
    assertNamesLack(target, await ended(engine, [...SAFE, imageOf(target)]));
  }
  say('Every image holds what it should, starts, and names what it lacks.');
  const model = ['--volume', `${TINY}:/models/model:ro`];
  assertRefusesCuda(
    await ended(engine, [...SAFE, ...model, imageOf('gpu-worker'), 'node', ...loadOnCuda('/models/model')]),
  );
  say('gpu-worker: without CUDA it ends, and names what is missing');
}

async function ended(engine: Engine, args: readonly string[]): Promise<Ended> {
  return engine.docker(['run', ...args]).then(
    (said) => ({ code: 0, said }),
    (error: Error) => ({ code: Number(/ended with (\d+)/.exec(error.message)?.[1] ?? NaN), said: error.message }),
  );
}
