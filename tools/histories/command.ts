/** `npm run record:histories`: one history of each shape of workflow, as they run today, for test/workflows/replay.test.ts. */
import { runProcess } from '../../platform/process/run-process.ts';
import { recordHistories } from './record.ts';
import { writeHistories } from './stored.ts';

await runProcess(async () => {
  const histories = await recordHistories();
  await writeHistories(histories);
  process.stdout.write(`${[...histories.keys()].join('\n')}\n`);
  return 0;
});
