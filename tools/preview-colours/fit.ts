import { type GenerateProgress, Mochi } from '../../gpu-worker/families/mochi/index.ts';
import { type Clip, renderClip } from '../judge/clip.ts';
import { heldOutPrompts } from '../judge/prompts.ts';

const USAGE = `usage: node dist/tools/preview-colours/fit.js MODEL [CLIPS]

Makes clips (16 if not given), fits their colours to their latents, and prints the latentRgb of the model's profile.json.
`;

/** Pixels of a latent's side; frames of a latent frame, but for the first, which stands for one. */
const SIDE = 8;
const FRAMES = 6;

async function main(dir: string, clips: number): Promise<void> {
  const model = await Mochi.load(dir, { devices: ['cpu'] });
  const inputs: number[][] = [];
  const colours: number[][] = [];
  for (const [seed, { prompt }] of heldOutPrompts().slice(0, clips).entries()) {
    let latents: Float32Array = new Float32Array();
    const onProgress = (progress: GenerateProgress) => {
      if (progress.phase === 'denoising') latents = progress.latents;
    };
    const clip = await renderClip(model, dir, { prompt, seed, onProgress });
    const channels = model.config.vae.latent_channels;
    const places = latents.length / channels;
    for (let i = 0; i < places; i++) {
      inputs.push([1, ...Array.from({ length: channels }, (_, c) => latents[c * places + i]!)]);
      colours.push(meanColour(clip, i));
    }
  }
  await model.close();
  const [bias, ...factors] = leastSquares(inputs, colours);
  const rounded = (row: readonly number[] = []) => row.map((value) => Number(value.toFixed(4)));
  process.stdout.write(`${JSON.stringify({ factors: factors.map(rounded), bias: rounded(bias) })}\n`);
}

/** Mean red, green and blue, -1 .. 1, of the pixels that the latents at place `i` of `[T, h, w]` stand for. */
function meanColour({ data, width, height }: Clip, i: number): number[] {
  const [h, w] = [height / SIDE, width / SIDE];
  const [t, y, x] = [Math.floor(i / (h * w)), Math.floor(i / w) % h, i % w];
  const first = Math.max(0, FRAMES * (t - 1) + 1);
  const pixels = (t === 0 ? 1 : FRAMES) * SIDE * SIDE;
  const sum = [0, 0, 0];
  for (let n = 0; n < pixels; n++) {
    const frame = first + Math.floor(n / (SIDE * SIDE));
    const row = y * SIDE + (Math.floor(n / SIDE) % SIDE);
    const at = ((frame * height + row) * width + x * SIDE + (n % SIDE)) * 3;
    for (let k = 0; k < 3; k++) sum[k]! += data[at + k]!;
  }
  return sum.map((value) => value / (pixels * 127.5) - 1);
}

const [dir, clips] = process.argv.slice(2);
if (dir === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  await main(dir, Number(clips ?? 16));
}

/**
 * The linear map that fits best, by the normal equations.
 *
 * @param inputs `[n, a]`
 * @param outputs `[n, b]`
 * @returns `[a, b]`
 */
function leastSquares(inputs: readonly number[][], outputs: readonly number[][]): number[][] {
  const [a, b] = [inputs[0]!.length, outputs[0]!.length];
  // Rows of (XᵀX | XᵀY); a trace of regularisation keeps a channel that never varies from dividing by zero.
  const rows = Array.from({ length: a }, () => [...new Float64Array(a + b)]);
  for (const [i, row] of rows.entries()) row[i] = 1e-6 * inputs.length;
  for (const [n, x] of inputs.entries()) {
    const both = [...x, ...outputs[n]!];
    for (let i = 0; i < a; i++) for (let j = 0; j < a + b; j++) rows[i]![j]! += x[i]! * both[j]!;
  }
  for (let i = 0; i < a; i++) {
    const pivot = rows[i]!.map((value) => value / rows[i]![i]!);
    rows[i] = pivot;
    for (let k = 0; k < a; k++) {
      const factor = rows[k]![i]!;
      if (k !== i) rows[k] = rows[k]!.map((value, j) => value - factor * pivot[j]!);
    }
  }
  return rows.map((row) => row.slice(a));
}
