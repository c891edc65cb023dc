const STATE = 624;
const SHIFT = 397;
const UPPER = 0x8000_0000;
const LOWER = 0x7fff_ffff;
const MATRIX = 0x9908_b0df;

/** MT19937 (Matsumoto and Nishimura), seeded by `init_genrand` like torch's CPU generator. */
export class MersenneTwister {
  private readonly state = new Uint32Array(STATE);
  private used = STATE;

  /** @throws RangeError for a seed that is no integer ≥ 0 */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`a seed is an integer of 0 or more, not ${seed}`);
    this.state[0] = seed % 2 ** 32;
    for (let i = 1; i < STATE; i++) {
      const previous = this.state[i - 1]!;
      this.state[i] = Math.imul(1_812_433_253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** The next 32 bits, as a number 0 .. 2^32 - 1. */
  next32(): number {
    if (this.used === STATE) this.regenerate();
    let y = this.state[this.used++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c_5680;
    y ^= (y << 15) & 0xefc6_0000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** Uniform in [0, 1) with 24 bits, exact in float32: torch's uniform float. */
  next24(): number {
    return (this.next32() & 0xff_ffff) / 2 ** 24;
  }

  private regenerate(): void {
    const { state } = this;
    for (let i = 0; i < STATE; i++) {
      const y = (state[i]! & UPPER) | (state[(i + 1) % STATE]! & LOWER);
      state[i] = state[(i + SHIFT) % STATE]! ^ (y >>> 1) ^ (y & 1 ? MATRIX : 0);
    }
    this.used = 0;
  }
}
