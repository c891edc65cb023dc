import { spawn } from 'node:child_process';
import { mkdtemp, open, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAuditLog } from '../../platform/audit/audit-log.ts';
import { LogFile } from '../../platform/log/log-file.ts';
import { createLogger } from '../../platform/log/logger.ts';
import { SmallDisk } from '../../tools/harness/small-disk.ts';
import { until } from '../../tools/harness/patience.ts';

const LOGGER = new URL('../../platform/log/logger.js', import.meta.url).href;

let folder: string;
let disk: SmallDisk | null;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-log-'));
  disk = await SmallDisk.mount(join(folder, 'disk'));
});
afterAll(async () => {
  await disk?.unmount();
  await rm(folder, { recursive: true, force: true });
});

describe('a log', () => {
  it('on a full disk ends nothing: it says so, and goes on by itself once there is room', async () => {
    if (disk === null) return;
    const told: string[] = [];
    const log = new LogFile(join(folder, 'disk', 'full.log'), (line) => told.push(line));
    log.write('before\n');
    await until(async () => (await stat(log.path).catch(() => null))?.size === 7);
    await disk.fill();
    const line = `${'x'.repeat(999)}\n`;
    for (let i = 0; i < 3_000; i++) log.write(line);
    await until(() => told.at(-1)?.includes('cannot be written (ENOSPC') === true);
    await disk.empty();
    await until(() => told.at(-1)?.includes('is written again') === true);
    log.write('after\n');
    await log.close();
    const lines = (await readFile(log.path, 'utf8')).trimEnd().split('\n');
    expect([lines[0], lines.at(-1)]).toEqual(['before', 'after']);
    // What fits into its memory was kept, and every line is whole.
    expect(lines.filter((text) => text === line.trimEnd()).length).toBeGreaterThan(900);
    expect(new Set(lines.filter((text) => text.startsWith('x'))).size).toBe(1);
    expect(lines.join('\n')).toContain('This log could not be written (ENOSPC');
  });

  it('never takes more than twice its size of the disk, however long the service runs', async () => {
    const log = new LogFile(join(folder, 'long.log'), undefined, 10_000);
    for (let i = 0; i < 100; i++) {
      log.write(`${String(i).padStart(999)}\n`);
      if (i % 5 === 0) await sleep(5);
    }
    await log.close();
    const sizes = await Promise.all([log.path, `${log.path}.old`].map(async (path) => (await stat(path)).size));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10_000);
    expect((await readFile(log.path, 'utf8')).trim()).toMatch(/99$/);
  });

  it('that an operator has removed to make room is there again', async () => {
    const log = new LogFile(join(folder, 'places', 'removed.log'));
    log.write('one\n');
    await until(async () => (await stat(log.path).catch(() => null)) !== null);
    await rm(join(folder, 'places'), { recursive: true });
    await until(async () => {
      log.write('two\n');
      return (await readdir(folder)).includes('places');
    });
    await log.close();
    expect(await readFile(log.path, 'utf8')).toMatch(/^two\n/);
  });
});

describe('the audit trail', () => {
  it('on a full disk keeps what was done meanwhile, in its order and each line whole', async () => {
    if (disk === null) return;
    const path = join(folder, 'disk', 'audit.log');
    const audit = await openAuditLog(path, createLogger('test', 'silent'));
    await disk.fill();
    for (let i = 0; i < 100; i++) audit.write({ action: 'video.create', account: 'a', key: null, i });
    // More than a try and the wait after it.
    await sleep(1_500);
    await disk.empty();
    const lines = async () => (await readFile(path, 'utf8')).trimEnd().split('\n');
    await until(async () => (await lines()).length === 100);
    await audit.close();
    const numbers = (await lines()).map((line) => (JSON.parse(line) as { i: number }).i);
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});

describe('a process whose standard output is a file on a full disk', () => {
  it('goes on, and writes again once there is room', async () => {
    if (disk === null) return;
    const path = join(folder, 'disk', 'output.log');
    await writeFile(path, '');
    await disk.fill();
    const script = `import { createLogger } from '${LOGGER}';
      const log = createLogger('test', 'info');
      process.on('message', (text) => { for (let i = 0; i < 3000; i++) log.info(text + 'x'.repeat(1000)); process.send('done'); });
      process.on('disconnect', () => process.exit(0));`;
    const file = await open(path, 'a');
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', file.fd, 'inherit', 'ipc'],
    });
    const send = async (text: string) => {
      const done = new Promise((resolve) => child.once('message', resolve));
      child.send(text);
      await done;
    };
    await send('full');
    await disk.empty();
    await until(async () => {
      await send('room');
      return (await readFile(path, 'utf8')).includes('room');
    });
    child.disconnect();
    await new Promise((resolve) => child.once('exit', resolve));
    expect(child.exitCode).toBe(0);
    expect(await readFile(path, 'utf8')).toMatch(/Lost \d+ lines that could not be written/);
    await file.close();
  });
});
