/** Part of `npm run lint`: no import goes against the arrows of `rules.ts`, and no folders import one another in a circle. */
import { fileURLToPath } from 'node:url';
import { runProcess } from '../../platform/process/run-process.ts';
import { folderCircles, upwardImports } from './check.ts';
import { importsOf } from './import-graph.ts';
import { RULES } from './rules.ts';

const root = process.argv[2] ?? fileURLToPath(new URL('../../../', import.meta.url));

await runProcess(async () => {
  const rooms = [...new Set(RULES.map(({ room }) => room.split('/')[0]!))];
  const imports = await importsOf(root, rooms);
  const faults = [...upwardImports(imports, RULES), ...folderCircles(imports)];
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  process.stdout.write(`${imports.length} imports, ${faults.length} against the rules.\n`);
  return faults.length === 0 ? 0 : 1;
});
