import { Mochi } from '../../gpu-worker/families/mochi/index.ts';
import { renderClip } from './clip.ts';
import { measure, type Measured } from './measure.ts';
import { heldOutPrompts } from './prompts.ts';

const USAGE = `usage: node dist/tools/judge/judge.js MODEL [COUNT]

Renders the held-out prompts (COUNT of them, all if not given) and counts in how many clips each property is right.
`;
const PROPERTIES = ['colour', 'shape', 'motion', 'background'] as const satisfies readonly (keyof Measured)[];

async function main(dir: string, count: number): Promise<void> {
  const all = heldOutPrompts();
  const prompts = all.filter(
    (_, i) => Math.floor((i * count) / all.length) !== Math.floor(((i - 1) * count) / all.length),
  );
  const right = { colour: 0, shape: 0, motion: 0, background: 0 };
  const model = await Mochi.load(dir, { devices: ['cpu'] });
  for (const [seed, wanted] of prompts.entries()) {
    const clip = await renderClip(model, dir, { prompt: wanted.prompt, seed });
    const seen = measure(clip.data, clip.frames, clip.height, clip.width);
    const wrong = PROPERTIES.filter((property) => seen[property] !== wanted[property]);
    for (const property of PROPERTIES) if (!wrong.includes(property)) right[property]++;
    const note = wrong.map((property) => `${property} ${seen[property]}`).join(', ');
    process.stdout.write(`${String(seed + 1).padStart(3)} ${wanted.prompt}${note ? `  <- ${note}` : ''}\n`);
  }
  await model.close();
  for (const property of PROPERTIES) {
    const share = ((100 * right[property]) / prompts.length).toFixed(1);
    process.stdout.write(`${property.padEnd(10)} ${right[property]} of ${prompts.length} (${share} %)\n`);
  }
}

const [dir, count] = process.argv.slice(2);
if (dir === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  await main(dir, Number(count ?? heldOutPrompts().length));
}
