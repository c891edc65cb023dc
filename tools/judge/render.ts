import { writeFileSync } from 'node:fs';
import { Mochi } from '../../gpu-worker/families/mochi/index.ts';
import { renderClip } from './clip.ts';

const USAGE = `usage: node dist/tools/judge/render.js MODEL PROMPT SEED OUT

Writes the frames of one clip as raw bytes [frames, height, width, 3], for training/compare.py.
`;

const [dir, prompt, seed, out] = process.argv.slice(2);
if (dir === undefined || prompt === undefined || seed === undefined || out === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  const model = await Mochi.load(dir, { devices: ['cpu'] });
  const clip = await renderClip(model, dir, { prompt, seed: Number(seed) });
  writeFileSync(out, clip.data);
  await model.close();
}
