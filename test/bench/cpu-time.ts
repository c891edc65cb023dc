import { readdir, readFile } from 'node:fs/promises';

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
