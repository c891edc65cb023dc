import { readdir, readFile } from 'node:fs/promises';
import { childrenOf } from './process-tree.ts';

/** Unit of the times in /proc (Linux, everywhere). */
const TICKS_PER_SECOND = 100;

/** CPU seconds that the living threads of a process have taken (Linux). */
export async function cpuSeconds(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = threads.map(async (id) => {
    // The first of three numbers: nanoseconds on a core.
    const line = await readFile(`/proc/${pid}/task/${id}/schedstat`, 'utf8');
    return Number(line.split(' ')[0]) / 1e9;
  });
  return (await Promise.all(times)).reduce((sum, seconds) => sum + seconds, 0);
}

/** CPU seconds of a process and all below it, those that have ended included; to a hundredth. */
export async function treeSeconds(pid: number): Promise<number> {
  const { own, ended } = await statSeconds(pid);
  const living = await Promise.all((await childrenOf(pid)).map(treeSeconds));
  return living.reduce((sum, seconds) => sum + seconds, own + ended);
}

/** CPU seconds of this process's ended children, and of theirs. */
export async function endedChildrenSeconds(): Promise<number> {
  return (await statSeconds('self')).ended;
}

/** CPU seconds of all threads of a process, and of its children that have ended. */
async function statSeconds(pid: number | 'self'): Promise<{ own: number; ended: number }> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const seconds = (first: number) => (Number(fields[first]) + Number(fields[first + 1])) / TICKS_PER_SECOND;
  return { own: seconds(11), ended: seconds(13) };
}

/** CPU seconds since boot, of all cores, that this virtual machine asked for and the one beneath gave to others; 0 where nothing tells. */
export async function stolenSeconds(): Promise<number> {
  const text = await readFile('/proc/stat', 'utf8').catch(() => '');
  return Number(/^cpu(?:\s+\d+){7}\s+(\d+)/.exec(text)?.[1] ?? 0) / TICKS_PER_SECOND;
}
