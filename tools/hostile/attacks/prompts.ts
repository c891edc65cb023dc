import { AttackClient } from './client.ts';
import { each, type Attack, scaled, Tally } from './target.ts';

/** Lines of a block list that backtrack for seconds on the prompts below, in an engine that does. */
export const BACKTRACKING_LINES = [
  '/.*bomb.*kill/i',
  '/(a+)+c$/',
  String.raw`/^(\w+\s?)*#$/`,
  '/(x|xx)+y/',
  '/(.*)*!!/',
];

const PROMPTS = [
  'bomb '.repeat(800),
  `${'a'.repeat(3_999)}b`,
  `${'word '.repeat(799)}!`,
  'x'.repeat(4_000),
  `${'a'.repeat(28)}b`,
  'a!'.repeat(2_000),
];

/** Prompts that are expensive to hold against such lines. */
export const backtrackingPrompts: Attack = async (target) => {
  const tally = new Tally();
  const client = new AttackClient(target, tally, 10);
  await each(scaled(target, 300), 10, (n) =>
    client.send('POST', '/v1/videos', { prompt: PROMPTS[n % PROMPTS.length], size: '64x64', num_frames: 7 }),
  );
  client.close();
  return tally;
};
