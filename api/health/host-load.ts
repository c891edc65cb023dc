import { cpus, freemem, loadavg, totalmem } from 'node:os';

export interface HostLoad {
  cpu: { cores: number; load_1m: number; percent: number | null };
  memory: { rss_mb: number; free_mb: number; total_mb: number };
}

/** How busy this machine is. */
export class HostMeter {
  #before = times();
  #percent: number | null = null;

  /** Takes the share of busy time since the last call; to be called every few seconds. */
  measure(): void {
    const now = times();
    const total = now.total - this.#before.total;
    if (total > 0) this.#percent = Math.round((1000 * (now.busy - this.#before.busy)) / total) / 10;
    this.#before = now;
  }

  get load(): HostLoad {
    const mb = (bytes: number) => Math.round(bytes / 1_048_576);
    return {
      cpu: { cores: cpus().length, load_1m: Math.round(100 * loadavg()[0]!) / 100, percent: this.#percent },
      memory: { rss_mb: mb(process.memoryUsage.rss()), free_mb: mb(freemem()), total_mb: mb(totalmem()) },
    };
  }
}

function times(): { busy: number; total: number } {
  const all = cpus().flatMap((core) => Object.values(core.times));
  const idle = cpus().reduce((sum, core) => sum + core.times.idle, 0);
  const total = all.reduce((sum, ms) => sum + ms, 0);
  return { busy: total - idle, total };
}
