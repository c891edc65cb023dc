import { Mochi } from '../../gpu-worker/families/mochi/index.ts';
import { renderClip, type Clip } from './clip.ts';
import { measureExactness, type Exactness } from './edges.ts';
import { measure, type Measured } from './measure.ts';
import { heldOutPrompts, type HeldOut } from './prompts.ts';
import { readFrames } from './stored-frames.ts';
import { summarise } from './summary.ts';

const USAGE = `usage: node dist/tools/judge/judge.js MODEL [COUNT]
       node dist/tools/judge/judge.js --frames FOLDER

Renders the held-out prompts (COUNT of them, all if not given), or reads the clips that training/evaluate.py wrote into FOLDER.
Counts in how many clips each property is right, and says how exact they are: how far the shape overlaps with a perfect one
(intersection over union), how far its colours are off (of 255), and how many pixels show what should not be there.
`;
const PROPERTIES = ['colour', 'shape', 'motion', 'background'] as const satisfies readonly (keyof Measured)[];

interface Judged {
  wrong: (keyof Measured)[];
  exact: Exactness;
}

function judgeClip(clip: Clip, wanted: HeldOut, number: number): Judged {
  const seen = measure(clip.data, clip.frames, clip.height, clip.width);
  const wrong = PROPERTIES.filter((property) => seen[property] !== wanted[property]);
  const exact = measureExactness(clip, wanted);
  const figures = [
    exact.overlap.toFixed(3),
    exact.colourError.toFixed(1).padStart(5),
    exact.stray.toFixed(1).padStart(6),
  ];
  const note = wrong.map((property) => `${property} ${seen[property]}`).join(', ');
  process.stdout.write(
    `${String(number).padStart(3)} ${figures.join(' ')}  ${wanted.prompt}${note ? `  <- ${note}` : ''}\n`,
  );
  return { wrong, exact };
}

/** The given number of prompts, spread evenly over the list. */
function choose(count: number): HeldOut[] {
  const all = heldOutPrompts();
  return all.filter((_, i) => Math.floor((i * count) / all.length) !== Math.floor(((i - 1) * count) / all.length));
}

async function* rendered(dir: string, count: number): AsyncGenerator<[Clip, HeldOut]> {
  const model = await Mochi.load(dir, { devices: ['cpu'] });
  for (const [seed, wanted] of choose(count).entries()) {
    yield [await renderClip(model, dir, { prompt: wanted.prompt, seed }), wanted];
  }
  await model.close();
}

async function main(clips: AsyncIterable<[Clip, HeldOut]> | Iterable<[Clip, HeldOut]>): Promise<void> {
  const judged: Judged[] = [];
  for await (const [clip, wanted] of clips) judged.push(judgeClip(clip, wanted, judged.length + 1));
  const share = (count: number) => `${count} of ${judged.length} (${((100 * count) / judged.length).toFixed(1)} %)`;
  for (const property of PROPERTIES) {
    const right = judged.filter(({ wrong }) => !wrong.includes(property)).length;
    process.stdout.write(`${property.padEnd(10)} ${share(right)}\n`);
  }
  process.stdout.write(summarise(judged.map(({ exact }) => exact)));
}

const [first, second] = process.argv.slice(2);
if (first === undefined || (first === '--frames' && second === undefined)) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else if (first === '--frames') {
  await main(readFrames(second!));
} else {
  await main(rendered(first, Number(second ?? heldOutPrompts().length)));
}
