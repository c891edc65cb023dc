import { mutatedBodies } from './bodies.ts';
import { guessedKeys, pipelining, slowClients, uploads } from './connections.ts';
import { creates, deletes, idempotencyKeys, lists, probes, retries, streams } from './floods.ts';
import { backtrackingPrompts } from './prompts.ts';
import type { Attack } from './target.ts';

/** What one account, or a stranger, can send. By name. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  'mutated bodies': mutatedBodies,
  creates,
  lists,
  probes,
  streams,
  'idempotency keys': idempotencyKeys,
  retries,
  deletes,
  pipelining,
  'slow clients': slowClients,
  uploads,
  'guessed keys': guessedKeys,
  'backtracking prompts': backtrackingPrompts,
};
