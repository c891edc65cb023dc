import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Stands where npm's own cli.js does: takes a second, installs the real compiler, and counts its runs. */
const FAKE_NPM = `
  const { appendFileSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } = require('node:fs');
  appendFileSync('npm-runs', process.argv.slice(2).join(' ') + '\\n');
  mkdirSync('node_modules/x', { recursive: true });
  writeFileSync('node_modules/x/package.json', '{}');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(process.env.NPM_TAKES_MS ?? 1000));
  for (const name of ['typescript', '@typescript', 'vite']) symlinkSync(${JSON.stringify(join(ROOT, 'node_modules'))} + '/' + name, 'node_modules/' + name);
  copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
`;

let clone: string;
beforeAll(async () => {
  clone = await mkdtemp(join(tmpdir(), 'kinora-clone-'));
  await mkdir(join(clone, 'local'), { recursive: true });
  for (const name of ['setup.mjs', 'end-with-npm.mjs']) {
    await cp(join(ROOT, 'local', name), join(clone, 'local', name));
  }
  await mkdir(join(clone, 'api'));
  await write('package.json', '{"type": "module"}');
  await write('package-lock.json', '{"packages": {"": {}, "node_modules/x": {"version": "1.0.0"}}}');
  await write(
    'tsconfig.json',
    '{"compilerOptions": {"module": "nodenext", "target": "es2023", "lib": ["es5"], "rootDir": ".", "outDir": "dist", "types": []}, "include": ["api"], "exclude": ["api/web"]}',
  );
  await write('api/hello.ts', 'export const word: string = "hello";');
  await write('api/gone.ts', 'export {};');
  // CommonJS, as npm's own cli.js is.
  await mkdir(join(clone, 'npm'));
  await write('npm/package.json', '{"type": "commonjs"}');
  await write('npm/npm-cli.js', FAKE_NPM);
});
afterAll(() => rm(clone, { recursive: true, force: true }));

const write = (path: string, content: string) => writeFile(join(clone, path), content);
const read = (path: string) => readFile(join(clone, path), 'utf8');

/** What the built page runs. */
async function pageScript(): Promise<string> {
  const [name] = (await readdir(join(clone, 'dist/api/web/assets'))).filter((file) => file.endsWith('.js'));
  return await read(`dist/api/web/assets/${name}`);
}

interface Run {
  code: number | null;
  output: string;
  said: string;
}

async function setup(args: string[] = [], nodeArgs: string[] = [], more: NodeJS.ProcessEnv = {}): Promise<Run> {
  const child: ChildProcess = spawn(process.execPath, [...nodeArgs, join(clone, 'local/setup.mjs'), ...args], {
    env: { ...process.env, npm_execpath: join(clone, 'npm/npm-cli.js'), ...more },
    cwd: tmpdir(),
  });
  const [output, said] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'exit')]);
  return { code: child.exitCode, output, said };
}

describe('a clone runs without anybody having to think of a step', () => {
  it('installs and compiles once, also when two commands are started together', async () => {
    const runs = await Promise.all([setup(), setup()]);
    expect(runs.map(({ code, said }) => ({ code, said }))).toEqual([
      { code: 0, said: expect.any(String) },
      { code: 0, said: expect.any(String) },
    ]);
    const said = runs.map((run) => run.said).join('');
    expect(said.match(/Installing packages|Another command is setting up/g)?.toSorted()).toEqual([
      'Another command is setting up',
      'Installing packages',
    ]);
    expect(await read('npm-runs')).toMatch(/^ci --include=dev[^\n]*\n$/);
    expect(await read('dist/api/hello.js')).toContain('hello');
  });

  it('says nothing and does nothing when nothing is to be done', async () => {
    expect(await setup()).toEqual({ code: 0, output: '', said: '' });
  });

  it('compiles what has changed, and drops what is gone', async () => {
    await write(
      'api/hello.ts',
      'export const word: string = "good evening";\nprocess.stdout.write(process.argv.slice(2).join());',
    );
    await rm(join(clone, 'api/gone.ts'));
    expect((await setup()).code).not.toBe(0);
    await write(
      'api/hello.ts',
      'declare const process: any;\nprocess.stdout.write(`good evening ${process.argv.slice(2).join(" ")}`);\nexport {};',
    );
    expect(await setup()).toMatchObject({ code: 0, said: 'Compiling …\n' });
    await expect(read('dist/api/gone.js')).rejects.toThrow('ENOENT');
  });

  it('builds the page once, again when it has changed, and keeps it when programs are compiled', async () => {
    await mkdir(join(clone, 'api/web'));
    await mkdir(join(clone, 'contract'));
    await write('contract/spritesheet-grid.ts', '');
    await write('api/web/index.html', '<script type="module" src="./main.ts"></script>');
    await write('api/web/main.ts', 'document.title = "first";');
    await write(
      'api/web/vite.config.mjs',
      "export default { build: { outDir: '../../dist/api/web', emptyOutDir: true } };",
    );
    expect(await setup()).toMatchObject({ code: 0, said: 'Building the page …\n' });
    expect(await pageScript()).toContain('first');

    await write('api/web/main.ts', 'document.title = "second";');
    await utimes(join(clone, 'api/hello.ts'), new Date(), new Date());
    expect(await setup()).toMatchObject({ code: 0, said: 'Compiling …\nBuilding the page …\n' });
    await utimes(join(clone, 'api/hello.ts'), new Date(), new Date());
    expect(await setup()).toMatchObject({ code: 0, said: 'Compiling …\n' });
    expect(await pageScript()).toContain('second');
    expect(await setup()).toEqual({ code: 0, output: '', said: '' });
  });

  it('runs a program with its arguments in the same process', async () => {
    expect(await setup(['dist/api/hello.js', 'to you', 'all'])).toEqual({
      code: 0,
      output: 'good evening to you all',
      said: '',
    });
  });

  it('installs again when another version of a package is wanted', async () => {
    await write('package-lock.json', '{"packages": {"": {}, "node_modules/x": {"version": "2.0.0"}}}');
    await rm(join(clone, 'node_modules'), { recursive: true });
    // Long enough for a line that says how far it is.
    const { said } = await setup([], [], { NPM_TAKES_MS: '6000' });
    expect(said).toMatch(/Installing packages.*\n {2}\d+ s, 1 of 1 packages\n/);
    expect((await read('npm-runs')).split('\n')).toHaveLength(3);
  });

  it("stops with the compiler's words where the sources are wrong, and does so again", async () => {
    await write('api/wrong.ts', 'export const n: number = "text";');
    for (let i = 0; i < 2; i++) {
      const { code, said } = await setup(['dist/api/hello.js']);
      expect(code).toBe(1);
      expect(said).toMatch(/api\/wrong.ts.*TS2322[^]*tsc failed; see above/);
    }
    await rm(join(clone, 'api/wrong.ts'));
  });

  it('does not wait for a command that was killed while it set up', async () => {
    await write('dist/.setup-lock', '999999999');
    await utimes(join(clone, 'api/hello.ts'), new Date(), new Date());
    expect(await setup()).toMatchObject({ code: 0, said: 'Compiling …\n' });
  });

  it('says which Node is needed', async () => {
    const old = join(clone, 'old.cjs');
    await writeFile(
      old,
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.2.0' } });",
    );
    const { code, said } = await setup([], ['--require', old]);
    expect(code).toBe(1);
    expect(said).toMatch(/Kinora needs Node 20\.3 or newer; this is 20\.2\.0/);
  });
});
