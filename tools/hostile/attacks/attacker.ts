/** A process that sends one attack, and its report to its parent. */
import { ATTACKS } from './index.ts';
import type { Target } from './target.ts';

const [, , name, target] = process.argv as [string, string, string, string];
process.once('disconnect', () => process.exit(1));
const report = await ATTACKS[name]!(JSON.parse(target) as Target);
process.send!(report, () => process.exit(0));
