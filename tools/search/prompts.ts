import { Random } from '../harness/random.ts';

/** What stands for the words of people: as in any language, the word of rank r comes up about once for every r of the first. */
const VOCABULARY = 3_000;
/** In a prompt. */
const WORDS = { least: 15, most: 60 };
const SYLLABLES = 'ba ce di fo gu ka le mi no pu ra se ti vo wu xa ye zi sto bri cla dre fla gro pla'.split(' ');

/** Words by how often they come up, the most common first. */
export function vocabulary(seed = 1): string[] {
  const random = new Random(seed);
  const words = new Set<string>();
  while (words.size < VOCABULARY) {
    words.add(Array.from({ length: random.between(1, 4) }, () => random.pick(SYLLABLES)).join(''));
  }
  return [...words];
}

/** So many prompts of these words. */
export function* prompts(words: readonly string[], count: number, seed = 2): Generator<string> {
  const random = new Random(seed);
  // Of a density that falls with the rank: its integral is the logarithm.
  const word = () => words[Math.floor(words.length ** random.next()) - 1]!;
  for (let i = 0; i < count; i++) {
    yield Array.from({ length: random.between(WORDS.least, WORDS.most) }, word).join(' ');
  }
}
