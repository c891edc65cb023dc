import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anchorOf, ROOT } from '../support/documents.ts';
import { PATIENCE_MS } from '../../tools/harness/patience.ts';
import { commandBlocks, operatingPage } from '../../tools/k8s/operating.ts';
import { findTemporalCli } from '../../temporal/dev-server/cli.ts';
import { alerts } from '../../tools/harness/servers/monitoring.ts';
import { LONG_SHAPE, WholeService } from '../../tools/harness/services/whole-service.ts';

const page = await operatingPage();
const blocks = commandBlocks(page);

describe('an operator who is paged', () => {
  it('finds a runbook for every alert where the alert points, and none for an alert that is gone', async () => {
    const runbooks = page.slice(page.indexOf('\n## Runbooks'), page.indexOf('\n## Troubleshooting'));
    const titles = [...runbooks.matchAll(/^### (.*)$/gm)].map(([, title]) => title!);
    const all = await alerts();
    expect(titles.toSorted()).toEqual(all.map(({ alert }) => alert).toSorted());
    for (const { alert, annotations, labels } of all) {
      expect(annotations?.['runbook_url']).toBe(`docs/operating.md#${anchorOf(alert)}`);
      expect(runbooks).toContain(`### ${alert}\n\n${labels?.['severity']}. `);
    }
  });

  it('finds no command in the text that is not in a block, where it is tried', () => {
    const all = blocks.map(({ commands }) => commands).join('');
    const inText = [
      ...page.replace(/^```[^]*?^```$/gm, '').matchAll(/`((?:(?:temporal|curl|kubectl|npm) |k8s\/)[^`]*)`/g),
    ];
    const untried = inText.map(([, command]) => command!).filter((command) => !all.includes(command));
    expect([...new Set(untried)]).toEqual(['npm start']);
  });
});

describe('the commands for operators', () => {
  const SHORT = { prompt: 'a red circle moving right', width: 64, height: 64, num_frames: 7, num_inference_steps: 4 };
  /** Not finished within any of these tests. */
  const LONG = { ...SHORT, width: 128, height: 128, num_frames: 61, num_inference_steps: 200 };
  const [settings] = blocks;
  const tried = new Set<object>([settings!]);
  let service: WholeService;
  let tools: string;

  beforeAll(async () => {
    service = await WholeService.start({ CHECKPOINT_STEPS: '3' });
    tools = await mkdtemp(join(tmpdir(), 'kinora-tools-'));
    // As npm does, without making the clone ready once more.
    const npm = `#!/bin/sh\nshift; script=$(node -p "require('./package.json').scripts['$1'].split(' ').pop()"); shift 2\nexec node "$script" "$@"\n`;
    await writeFile(join(tools, 'npm'), npm, { mode: 0o755 });
  });
  afterAll(async () => {
    await service?.stop();
    await rm(tools, { recursive: true, force: true });
  });

  /** Runs the commands below a heading; what they say. */
  async function type(heading: string, video = '', index?: number): Promise<string> {
    const under = blocks.filter((block) => block.heading === heading && block.where === 'machine');
    const wanted = index === undefined ? under : [under[index]!];
    for (const block of wanted) tried.add(block);
    return await shell([settings!, ...wanted].map(({ commands }) => commands).join('\n'), video);
  }

  async function shell(commands: string, video: string): Promise<string> {
    const cli = dirname(await findTemporalCli());
    const env = {
      ...process.env,
      PATH: [tools, cli, process.env['PATH']].join(delimiter),
      TEMPORAL_ADDRESS: service.temporalAddress,
      KINORA: service.service.apiUrl,
      LOGS: join(service.folder, 'logs'),
      MODEL_DIR: 'gpu-worker/models/mochi-tiny',
      VIDEO: video,
      GPU_WORKER: String(service.service.pids()['gpu-worker']),
    };
    return await new Promise((resolve, reject) => {
      execFile('bash', ['-euo', 'pipefail', '-c', commands], { env, cwd: ROOT }, (error, stdout, stderr) => {
        if (error) reject(new Error(`${commands}\n${stdout}${stderr}`));
        else resolve(stdout + stderr);
      });
    });
  }

  const denoising = (id: string) => says(() => shell(`temporal workflow describe -w ${id}`, id), /"phase":"denoising"/);
  async function fail(id: string): Promise<void> {
    await denoising(id);
    await shell(`temporal activity fail --workflow-id ${id} --activity-id 2 --reason 'for the test'`, id);
    await says(() => shell(`temporal workflow metadata --workflow-id ${id}`, id), /\*\*failed\*\*/);
  }
  /** Asks until the answer is as wanted. */
  async function says(ask: () => Promise<string>, wanted: RegExp): Promise<void> {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(300)) if (wanted.test(await ask())) return;
    expect(await ask()).toMatch(wanted);
  }

  it('show what is going on, and how far a video is, whose, and of which model', async () => {
    const { id } = await service.create(LONG);
    await denoising(id);
    expect(await type('See what is going on')).toMatch(/gpu-worker \d+@/);
    const said = await type('See one video', id);
    for (const part of [
      /"phase":"denoising"/,
      /"etaSeconds":/,
      /\*\*generating\*\*/,
      /account default · model mochi-tiny/,
    ]) {
      expect(said).toMatch(part);
    }
    expect(said).toContain('"msg":"Generating"');
    await type('List what is overdue');
    await type('Stop everything of an account');
    await says(() => shell(`temporal workflow metadata --workflow-id ${id}`, id), /\*\*cancelled\*\*/);
  });

  it('cancel one video, as the page on Temporal has it', async () => {
    const [cancel] = commandBlocks(await readFile(join(ROOT, 'docs/temporal.md'), 'utf8'));
    const { id } = await service.create(LONG);
    await denoising(id);
    await shell(cancel!.commands, id);
    await says(() => shell(`temporal workflow metadata --workflow-id ${id}`, id), /\*\*cancelled\*\*/);
  });

  it('make videos again that have failed, one and all, with the API and without', async () => {
    const { id } = await service.create(LONG);
    await fail(id);
    const again = 'Make failed videos again without the API';
    const details = await shell(`temporal workflow metadata --workflow-id ${id}`, id);
    expect(details).toContain('**failed** while generating: `generation_failed`');
    const [command] = /temporal workflow reset --workflow-id .*/.exec(details)!;
    await says(() => type('List what failed'), new RegExp(id));
    await type(again, id, 1);
    await fail(id);
    await type(again, id, 0);
    await fail(id);
    await shell(command, id);
    await fail(id);
    await type('Make failed videos again', id);
    await fail(id);
    await says(() => type('Make failed videos again in batch'), new RegExp(id));
    await denoising(id);
    await service.cancel(id);
  });

  it('hold the queue, and let it go on', async () => {
    await type('Pause a queue');
    const { id } = await service.create(SHORT);
    await says(() => shell('temporal task-queue describe --task-queue gpu', id), /activity +1 /);
    await type('Let a queue go on');
    await service.completed(id);
  });

  it('drain a worker, whose job goes on', async () => {
    const { id } = await service.create({ ...SHORT, ...LONG_SHAPE });
    await denoising(id);
    await type('Drain a worker');
    await says(() => shell(`cat ${service.folder}/logs/gpu-worker.log`, id), /"msg":"Handed over"/);
    await service.completed(id);
  });

  it('check the weights', async () => {
    expect(await type('Check the weights')).toContain('fits');
  });

  it('have all been tried', () => {
    const here = blocks.filter(({ where }) => where === 'machine');
    expect(here.filter((block) => !tried.has(block)).map(({ heading }) => heading)).toEqual([]);
  });
});
