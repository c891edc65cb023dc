/** The part of `npm run check:cluster` that runs in namespaces of its own: the node, the service, and what happens to it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProcess } from '../../platform/process/run-process.ts';
import { DISTURBANCES } from './disturbances/list.ts';
import { volumeFolder } from './node/addons.ts';
import { podLogs } from './node/kubelet.ts';
import { KubernetesNode } from './node/node.ts';
import { report, type Row } from './report.ts';
import { deploy, serviceUrl } from './service/deploy.ts';
import { StepLog } from './service/steps.ts';
import { Videos } from './service/videos.ts';
import { answersDuring } from './service/watch.ts';
import type { Settings } from './settings.ts';

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const {
    images,
    only,
    videos: count,
    ...nodeSettings
  } = JSON.parse(await readFile(process.argv[2]!, 'utf8')) as Settings;
  const timed = partsOf(say);
  const node = await timed('the node is ready', () => KubernetesNode.start(nodeSettings, images));
  await timed('every pod of the overlay local is ready', () => deploy(node));
  const url = await serviceUrl(node);
  const steps = await StepLog.start(podLogs(node.folder), join(node.folder, 'steps'));
  const videos = new Videos(url, join(volumeFolder(node.folder, 's3'), 'objects/videos'), steps);
  await timed('videos are made through the Service', () => videos.makeReferences());
  const rows: Row[] = [];
  const wanted = ({ name }: { name: string }) => new RegExp(only).test(name);
  for (const disturbance of DISTURBANCES.filter(wanted)) {
    const row: Row = { disturbance, flight: null, answers: {}, seconds: 0, error: null };
    rows.push(row);
    try {
      await disturbance.prepare?.(node);
      const since = performance.now();
      row.flight = await videos.fly(count, async () => {
        row.answers = await answersDuring(url, disturbance.happen(node));
      });
      row.seconds = (performance.now() - since) / 1000;
      await disturbance.finish?.(node);
    } catch (error) {
      row.error = (error as Error).message;
    }
    say(`${disturbance.name}: ${row.error ?? `${row.seconds.toFixed(0)} s`}`);
  }
  const { text, holds } = report(rows);
  say(`\n${text}`);
  return holds ? 0 : 1;
}

function partsOf(tell: (line: string) => void) {
  return async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const since = performance.now();
    const result = await work();
    tell(`${what}, after ${((performance.now() - since) / 1000).toFixed(0)} s`);
    return result;
  };
}

await runProcess(main);
