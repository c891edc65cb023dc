import { setImmediate } from 'node:timers/promises';
import { MersenneTwister } from './mersenne-twister.ts';

const { cos, fround, log, sin, sqrt } = Math;

const BLOCK = 16;
const HALF = BLOCK / 2;
const TWO_PI = fround(2 * Math.PI);
/** Work between two turns of the event loop, in ms: however slow the machine is, heartbeats go on. */
const TURN_MS = 10;
/** Values between two looks at the clock: about 1 ms of work. */
const VALUES_PER_LOOK = 16_384;

/**
 * Standard normal numbers as `torch.randn(n, generator=torch.Generator('cpu').manual_seed(seed))` gives them in
 * float32, to about 1e-6. They come in blocks of 16, eight Box-Muller pairs each; if `n` is no multiple of 16 the last
 * 16 are drawn afresh (ATen's `normal_fill`). Other work gets its turn in between.
 *
 * @param seed only its lowest 32 bits count, as in torch
 * @throws RangeError below 16 values, where torch uses another method, and for a seed that is no integer ≥ 0
 */
export async function randn(seed: number, n: number): Promise<Float32Array> {
  if (!Number.isSafeInteger(n) || n < BLOCK) throw new RangeError(`randn makes ${BLOCK} values or more, not ${n}`);
  const uniform = new MersenneTwister(seed);
  const values = new Float32Array(n);
  let turnEnds = performance.now() + TURN_MS;
  for (let i = 0; i < n; i++) {
    if (i % VALUES_PER_LOOK === 0 && performance.now() > turnEnds) {
      await setImmediate();
      turnEnds = performance.now() + TURN_MS;
    }
    values[i] = uniform.next24();
    // the block is left uniform if the end of the array cuts it short: it is drawn again below
    if (i % BLOCK === BLOCK - 1) boxMuller(values, i + 1 - BLOCK);
  }
  if (n % BLOCK !== 0) {
    for (let i = n - BLOCK; i < n; i++) values[i] = uniform.next24();
    boxMuller(values, n - BLOCK);
  }
  return values;
}

/** Turns 16 uniform values into normal ones in place, rounding to float32 where torch does. */
function boxMuller(values: Float32Array, start: number): void {
  for (let j = start; j < start + HALF; j++) {
    const radius = fround(sqrt(fround(-2 * fround(log(1 - values[j]!)))));
    const angle = fround(TWO_PI * values[j + HALF]!);
    values[j] = radius * fround(cos(angle));
    values[j + HALF] = radius * fround(sin(angle));
  }
}
