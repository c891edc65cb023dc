/** `npm run docs`: writes what is made from the code in docs/: settings and errors. */
import { writeFile } from 'node:fs/promises';
import { runProcess } from '../../platform/process/run-process.ts';
import { madePages } from './pages.ts';

await runProcess(async () => {
  for (const { file, is, wanted } of await madePages()) {
    process.stdout.write(`${file}: ${is === wanted ? 'as it was' : 'written'}\n`);
    if (is !== wanted) await writeFile(file, wanted);
  }
  return 0;
});
