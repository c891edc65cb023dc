import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../temporal/ports.ts';
import { ruleFile } from '../support/monitoring.ts';

/** A real Prometheus that watches a service by the project's rules, with a second where they say a minute. */
export class Prometheus {
  readonly #child: ChildProcess;
  readonly #url: string;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#url = url;
  }

  /** @param folder empty, for its data @param targets addresses of `/metrics` by name */
  static async start(program: string, folder: string, targets: Record<string, string>): Promise<Prometheus> {
    const [port = 0] = await freePorts(1);
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: ['rules.yaml'],
      scrape_configs: [{ job_name: 'kinora', static_configs: [{ targets: Object.values(targets) }] }],
    };
    await writeFile(join(folder, 'prometheus.yaml'), JSON.stringify(config));
    await writeFile(join(folder, 'rules.yaml'), hurried(await ruleFile()));
    const args = [
      `--config.file=prometheus.yaml`,
      '--storage.tsdb.path=data',
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const child = spawn(program, args, { cwd: folder, stdio: 'ignore' });
    return new Prometheus(child, `http://127.0.0.1:${port}`);
  }

  /** Names of the alerts that fire; null while it does not answer. */
  async firing(): Promise<string[] | null> {
    try {
      const response = await fetch(`${this.#url}/api/v1/alerts`, { signal: AbortSignal.timeout(5_000) });
      const { data } = (await response.json()) as {
        data: { alerts: { state: string; labels: { alertname: string } }[] };
      };
      const names = data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname);
      return [...new Set(names)].toSorted();
    } catch {
      return null;
    }
  }

  /** What fires in the end, once it has been the same for a while. @param wanted waited for, up to a limit */
  async settled(wanted: readonly string[], limitS: number): Promise<string[]> {
    let last = '';
    let same = 0;
    for (const end = Date.now() + limitS * 1000; ; await sleep(1_000)) {
      const now = await this.firing();
      same = now !== null && now.join() === last ? same + 1 : 0;
      last = now?.join() ?? '';
      if ((same >= STEADY_S && last === wanted.join()) || Date.now() > end) return now ?? ['(no answer)'];
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}

/** Long enough for another alert to follow. */
const STEADY_S = 12;

/** An hour in a minute, a minute in a second. */
const hurried = (rules: string): string =>
  rules
    .replace(/interval: 30s/g, 'interval: 1s')
    .replace(
      /(?<=for: |\[)(\d+)([dhm])/g,
      (_, count: string, unit: 'd' | 'h' | 'm') => `${Number(count) * SECONDS[unit]}s`,
    )
    .replaceAll('> 1200', '> 20');

const SECONDS = { m: 1, h: 60, d: 1440 };
