import { type RunnerTask, TestRunner } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Of a suite that did not begin, as the time was over. */
    leftOut?: boolean;
  }
}

/** Vitest's runner, with which no suite begins after `TESTS_BEGIN_UNTIL`, Unix seconds: its tests count as skipped then. */
export default class TimedRunner extends TestRunner {
  onCollected(files: RunnerTask[]): void {
    if (Date.now() / 1000 <= Number(process.env['TESTS_BEGIN_UNTIL'] ?? Infinity)) return;
    for (const file of files) {
      skip(file);
      file.meta.leftOut = true;
    }
  }
}

function skip(task: RunnerTask): void {
  task.mode = 'skip';
  if (task.type === 'suite') task.tasks.forEach(skip);
}
