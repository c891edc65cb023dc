import { readFile, readdir } from 'node:fs/promises';

/** Ids of a process's children; none where it is gone. */
export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.trim().split(/\s+/).filter(Boolean).map(Number);
}

/** What a process was started with, words separated by spaces; empty where it is gone. */
export async function commandOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
}

/** Ids of all processes that were started with a variable in their environment. */
export async function processesWith(variable: string, value: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const wanted = `${variable}=${value}`;
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.split('\0').includes(wanted) ? [pid] : [];
    }),
  );
  return found.flat();
}

/** What a process holds: resident memory in MiB, and open files, sockets and pipes. Null where it is gone. */
export async function holdings(pid: number): Promise<{ rssMb: number; handles: number } | null> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const rssMb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    return { rssMb, handles: (await readdir(`/proc/${pid}/fd`)).length };
  } catch {
    return null;
  }
}
