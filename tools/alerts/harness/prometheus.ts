import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '../../../platform/http/ports.ts';
import { ruleFile } from '../../harness/servers/monitoring.ts';
import { type GoodDays, rememberGoodDays } from './good-days.ts';
import { hurried, type Pace } from './hurried.ts';

export interface PrometheusOptions {
  /** Paths of Prometheus and of promtool. */
  programs: { prometheus: string; promtool: string };
  /** Empty, for its data. */
  folder: string;
  /** `host:port` of what is watched. */
  targets: readonly string[];
  pace: Pace;
  /** Seconds between two scrapes. @default 2 */
  every?: number | undefined;
  /** What it remembers. @default nothing */
  past?: GoodDays | undefined;
}

/** A real Prometheus that watches a service by the project's rules, in a hurry. */
export class Prometheus {
  readonly #child: ChildProcess;
  readonly #url: string;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#url = url;
  }

  static async start({ programs, folder, targets, pace, every = 2, past }: PrometheusOptions): Promise<Prometheus> {
    const [port = 0] = await freePorts(1);
    const config = {
      global: { scrape_interval: `${every}s`, scrape_timeout: `${every}s`, evaluation_interval: '1s' },
      rule_files: ['rules.yaml'],
      scrape_configs: [{ job_name: 'kinora', static_configs: [{ targets }] }],
    };
    await mkdir(join(folder, 'data'), { recursive: true });
    await writeFile(join(folder, 'prometheus.yaml'), JSON.stringify(config));
    await writeFile(join(folder, 'rules.yaml'), hurried(await ruleFile(), pace));
    if (past) await rememberGoodDays(programs.promtool, join(folder, 'data'), past, pace.hours);
    const args = [
      `--config.file=prometheus.yaml`,
      '--storage.tsdb.path=data',
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const child = spawn(programs.prometheus, args, { cwd: folder, stdio: 'ignore' });
    return new Prometheus(child, `http://127.0.0.1:${port}`);
  }

  /** Names of the alerts that fire; null while it does not answer. */
  async firing(): Promise<string[] | null> {
    const answer = await this.#ask<{ alerts: { state: string; labels: { alertname: string } }[] }>('alerts');
    const firing = answer?.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname);
    return firing ? [...new Set(firing)].toSorted() : null;
  }

  /** How many targets have answered. */
  async targetsUp(): Promise<number> {
    const answer = await this.#ask<{ activeTargets: { health: string }[] }>('targets');
    return answer?.activeTargets.filter(({ health }) => health === 'up').length ?? 0;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }

  async #ask<T>(what: string): Promise<T | null> {
    try {
      const response = await fetch(`${this.#url}/api/v1/${what}`, { signal: AbortSignal.timeout(5_000) });
      return ((await response.json()) as { data: T }).data;
    } catch {
      return null;
    }
  }
}
