import { TestEnvironment } from 'jest-environment-node';

/** The part of Jest's events and state that is read or set: a block of tests, or a test, which has no children. */
interface Block {
  mode?: string | null;
  children?: Block[];
}

/** Jest's environment, in which no suite begins after `TESTS_BEGIN_UNTIL`, Unix seconds: its tests count as skipped then. */
export default class TimedEnvironment extends TestEnvironment {
  handleTestEvent({ name }: { name: string }, { rootDescribeBlock }: { rootDescribeBlock: Block }): void {
    const until = Number(process.env['TESTS_BEGIN_UNTIL'] ?? Infinity);
    if (name === 'run_start' && Date.now() / 1000 > until) skip(rootDescribeBlock);
  }
}

function skip(block: Block): void {
  block.mode = 'skip';
  for (const child of block.children ?? []) skip(child);
}
