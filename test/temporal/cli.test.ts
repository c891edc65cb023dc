import { chmod, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CLI_VERSION, CliNotFoundError, type FindCliOptions, findTemporalCli } from '../../temporal/cli.ts';

let folder: string;
let server: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-cli-'));
  // What unpacks the download, and nothing else of this machine.
  await mkdir(join(folder, 'tools'));
  for (const tool of ['tar', 'gzip']) await symlink(await which(tool), join(folder, 'tools', tool));
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** A program named `name` in a folder of its own; returns the folder. */
async function program(at: string, name: string, script = 'exit 0'): Promise<string> {
  const path = join(folder, at);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(path, name), 0o755);
  return path;
}

const cached = () => join(folder, 'cache', `temporal-${CLI_VERSION}`, 'temporal');

/** Looks with an empty cache, nothing on PATH, and a download that is refused, but for what is given. */
function find(env: NodeJS.ProcessEnv = {}, options: FindCliOptions = {}): Promise<string> {
  return findTemporalCli({
    env: { PATH: join(folder, 'tools'), KINORA_CACHE: join(folder, 'cache'), ...env },
    // Nobody listens there.
    downloadUrl: 'http://127.0.0.1:1024',
    ...options,
  });
}

async function which(tool: string): Promise<string> {
  return (await promisify(execFile)('/bin/sh', ['-c', `command -v ${tool}`])).stdout.trim();
}

async function serve(answer: Parameters<typeof createServer>[1]): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Environment in which `go` is a program with this script. */
const withGo = async (script: string) => ({ PATH: await program('go', 'go', script) });

describe('the Temporal CLI is found', () => {
  it('where TEMPORAL_CLI says, before any other', async () => {
    const [named, path] = [await program('named', 'my-temporal'), await program('path', 'temporal')];
    expect(await find({ TEMPORAL_CLI: join(named, 'my-temporal'), PATH: path })).toBe(join(named, 'my-temporal'));
  });

  it('on PATH, past a folder of that name and a file that is no program', async () => {
    await mkdir(join(folder, 'a', 'temporal'), { recursive: true });
    await mkdir(join(folder, 'b'));
    await writeFile(join(folder, 'b', 'temporal'), 'no program');
    const path = await program('c', 'temporal');
    expect(await find({ PATH: [join(folder, 'a'), join(folder, 'b'), path].join(':') })).toBe(join(path, 'temporal'));
  });

  it('in the cache, also below XDG_CACHE_HOME', async () => {
    await program(`cache/temporal-${CLI_VERSION}`, 'temporal');
    expect(await find()).toBe(cached());
    await program(`xdg/kinora/temporal-${CLI_VERSION}`, 'temporal');
    expect(await find({ KINORA_CACHE: '', XDG_CACHE_HOME: join(folder, 'xdg') })).toBe(
      join(folder, 'xdg', 'kinora', `temporal-${CLI_VERSION}`, 'temporal'),
    );
  });

  it('by a download for this machine, which is kept', async () => {
    const source = await program('source', 'temporal', 'echo downloaded');
    const archive = join(folder, 'archive.tar.gz');
    await promisify(execFile)('tar', ['-czf', archive, '-C', source, 'temporal']);
    let asked = '';
    const bytes = await readFile(archive);
    const downloadUrl = await serve((request, response) => {
      asked = request.url ?? '';
      response.end(bytes);
    });
    const lines: string[] = [];
    expect(await find({}, { downloadUrl, progress: (line) => lines.push(line) })).toBe(cached());
    expect((await promisify(execFile)(cached())).stdout).toBe('downloaded\n');
    expect(asked).toMatch(new RegExp(`^/cli/archive/v${CLI_VERSION}\\?platform=(linux|darwin)&arch=(amd64|arm64)$`));
    expect(lines.join('\n')).toMatch(/Downloading.*\n.*is at/);
    expect(await readdir(join(folder, 'cache', `temporal-${CLI_VERSION}`))).toEqual(['temporal']);
    expect(await find()).toBe(cached());
  });

  it('by building it with Go from the pinned module where the download fails', async () => {
    const script =
      'while [ "$1" != -o ]; do shift; done; printf "#!/bin/sh\\npwd" > "$2"; /bin/chmod +x "$2"; pwd > "$2.pwd"';
    expect(await find(await withGo(script))).toBe(cached());
    const left = await readdir(join(folder, 'cache', `temporal-${CLI_VERSION}`));
    const where = await readFile(
      join(
        folder,
        'cache',
        `temporal-${CLI_VERSION}`,
        left.find((n) => n.endsWith('.pwd'))!,
      ),
      'utf8',
    );
    expect(await readFile(join(where.trim(), 'go.mod'), 'utf8')).toContain(`github.com/temporalio/cli v${CLI_VERSION}`);
  });
});

describe('somebody without the Temporal CLI is told what to do', () => {
  it('when TEMPORAL_CLI names nothing that runs, instead of quietly taking another', async () => {
    await program(`cache/temporal-${CLI_VERSION}`, 'temporal');
    await expect(find({ TEMPORAL_CLI: '/nowhere/temporal' })).rejects.toThrow(
      /TEMPORAL_CLI=\/nowhere\/temporal is not/,
    );
  });

  it('when nothing works, with all that was tried', async () => {
    const failed = await find(
      await withGo('echo "go: go.mod requires go >= 1.26.4 (running go 1.19)" >&2; exit 1'),
    ).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(CliNotFoundError);
    expect((failed as Error).message).toMatch(
      /no temporal on PATH[^]*download: .*ECONNREFUSED[^]*requires go >= 1.26.4/,
    );
    expect((failed as Error).message).toMatch(
      /Install it .* put it on PATH, or set TEMPORAL_CLI.*or install Go 1.26.4/,
    );
  });

  it('when there is no Go', async () => {
    const failed = await find().catch((error: unknown) => error);
    expect((failed as Error).message).toContain('Go is not installed');
  });

  it('soon, when the download stalls', async () => {
    const downloadUrl = await serve((_request, response) => void response.writeHead(200).write('never more'));
    const since = Date.now();
    const failed = await find(await withGo('exit 1'), { downloadUrl, downloadTimeoutMs: 300 }).catch(
      (error: unknown) => error,
    );
    expect((failed as Error).message).toContain('no data from http://127.0.0.1');
    expect(Date.now() - since).toBeLessThan(5_000);
    expect(await readdir(join(folder, 'cache', `temporal-${CLI_VERSION}`))).toEqual([]);
  });

  it('not at all once they have pressed Ctrl-C', async () => {
    const stop = new AbortController();
    const search = find(await withGo('exec /bin/sleep 60'), { signal: stop.signal });
    setTimeout(() => stop.abort(), 300);
    await expect(search).rejects.not.toThrow(CliNotFoundError);
  });
});
