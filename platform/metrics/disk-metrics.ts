import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Gauge, type Registry } from 'prom-client';

/**
 * How full the file systems are that a process writes to.
 *
 * @param places path or URL by name, e.g. `scratch`; what is no folder (`s3://…`) is left out
 */
export function diskMetrics(registry: Registry, places: Record<string, string>): void {
  const folders = Object.entries(places).flatMap(([name, place]): [string, string][] => {
    if (place.startsWith('file:')) return [[name, fileURLToPath(place)]];
    return place.includes('://') ? [] : [[name, place]];
  });
  const gauge = (name: string, help: string, blocks: (system: StatsFs) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['folder'],
      registers: [registry],
      async collect() {
        for (const [folder, path] of folders) {
          // It may not be made yet.
          const system = await statfs(path).catch(() => null);
          if (system) this.set({ folder }, blocks(system) * system.bsize);
        }
      },
    });
  gauge('kinora_disk_size_bytes', 'Size of the file system that a folder is on.', ({ blocks }) => blocks);
  gauge('kinora_disk_free_bytes', 'What of it this process may still fill.', ({ bavail }) => bavail);
}
