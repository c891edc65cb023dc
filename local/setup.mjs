// Makes a clone ready to run: packages installed, sources compiled. Says nothing where nothing is to be done.
//
//   node local/setup.mjs                          sets up
//   node local/setup.mjs dist/some/program.js …   sets up, then runs the program in this very process, so that
//                                                          a signal sent to npm reaches it
//
// Either way it ends when the npm that runs it ends, whenever that is.
//
// Plain JavaScript on Node's own modules, because it runs before anything is installed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { endWithNpm } from './end-with-npm.mjs';

/** As in package.json's `engines`. */
const OLDEST_NODE = [20, 3];
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const LOCK = join(ROOT, 'dist', '.setup-lock');
const PAGE_FOLDER = 'api/web';
/**
 * What is made of which sources. The marker lists the sources that the last run had; its time is that of the run's start.
 */
const PROGRAMS = {
  marker: join(ROOT, 'dist', '.compiled'),
  list: listSources,
  settings: ['tsconfig.json', 'package-lock.json'],
};
const PAGE = {
  marker: join(ROOT, 'dist', '.page'),
  // The one file outside its folder that ends up in the page.
  list: () => [...walk(PAGE_FOLDER), 'contract/spritesheet-grid.ts'],
  settings: ['package-lock.json'],
};

/** A lock whose file is not touched for this long has no holder, in ms; a holder touches it every second. */
const LOCK_STALE_MS = 15_000;
/** Between two lines that say how far something is. */
const TELL_EVERY_MS = 4_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

endWithNpm();
checkNode();
if (packagesMissing() || changed(PROGRAMS) || pageChanged()) await locked(setUp);
const [, , program] = process.argv;
if (program !== undefined) {
  const path = resolve(ROOT, program);
  process.argv.splice(1, 2, path);
  await import(pathToFileURL(path).href);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  fail(`Kinora needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node} (${process.execPath}).`);
}

async function setUp() {
  if (packagesMissing()) {
    say('Installing packages (npm ci), about a minute the first time …');
    const timer = setInterval(tellInstalled(), TELL_EVERY_MS);
    await run('npm', npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']));
    clearInterval(timer);
  }
  if (changed(PROGRAMS)) {
    say('Compiling …');
    await make(PROGRAMS, compile);
  }
  if (pageChanged()) {
    say('Building the page …');
    await make(PAGE, () =>
      runNode('vite', 'node_modules/vite/bin/vite.js', ['build', PAGE_FOLDER, '--logLevel', 'warn']),
    );
  }
}

/** Says how far npm is, which is silent without a terminal. */
function tellInstalled() {
  const since = Date.now();
  // What is optional is mostly for other platforms.
  const wanted = Object.entries(readLock('package-lock.json')).filter(([path, { optional }]) => path && !optional);
  return () => {
    const there = wanted.filter(([path]) => existsSync(join(ROOT, path, 'package.json'))).length;
    say(`  ${Math.round((Date.now() - since) / 1000)} s, ${there} of ${wanted.length} packages`);
  };
}

/** What npm noted of the installed packages, compared with what package-lock.json wants. */
function packagesMissing() {
  const wanted = readLock('package-lock.json');
  let installed;
  try {
    installed = readLock('node_modules/.package-lock.json');
  } catch {
    return true;
  }
  return Object.entries(wanted).some(
    ([path, { version, optional }]) => path !== '' && !optional && installed[path]?.version !== version,
  );
}

function readLock(path) {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')).packages;
}

function changed({ marker, list, settings }) {
  try {
    const { mtimeMs } = statSync(marker);
    const sources = list();
    if (readFileSync(marker, 'utf8') !== sources.join('\n')) return true;
    return [...settings, ...sources].some((path) => statSync(join(ROOT, path)).mtimeMs > mtimeMs);
  } catch {
    return true;
  }
}

function pageChanged() {
  return existsSync(join(ROOT, PAGE_FOLDER)) && changed(PAGE);
}

async function make({ marker, list }, build) {
  const sources = list();
  const startedAt = new Date();
  await build(sources);
  writeFileSync(marker, sources.join('\n'));
  // Not the time of writing: a source that changed meanwhile must count as newer.
  utimesSync(marker, startedAt, startedAt);
}

async function compile(sources) {
  await runNode('tsc', 'node_modules/typescript/bin/tsc', ['-p', ROOT]);
  removeOrphans(new Set(sources));
}

/** Compiled files whose source is gone; a test among them would still be run. */
function removeOrphans(sources) {
  for (const folder of sourceFolders()) {
    for (const path of walk(join('dist', folder))) {
      if (path.startsWith(`dist/${PAGE_FOLDER}/`)) continue;
      const source = path.slice('dist/'.length).replace(/\.js(\.map)?$/, '.ts');
      if (/\.js(\.map)?$/.test(path) && !sources.has(source)) rmSync(join(ROOT, path));
    }
  }
}

function sourceFolders() {
  return JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')).include;
}

function listSources() {
  return sourceFolders()
    .flatMap(walk)
    .filter((path) => path.endsWith('.ts') && !path.startsWith(`${PAGE_FOLDER}/`));
}

/** Paths of the files below a folder, relative to the project, with `/`. */
function walk(folder) {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (!entry.isDirectory()) return [path];
      return entry.name === 'node_modules' ? [] : walk(path);
    })
    .toSorted();
}

/** One set-up at a time: two commands may be started together. */
async function locked(action) {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const isAlive = lockHolderWatch();
  for (let told = false; ; await sleep(200)) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST')
        fail(`What has changed cannot be compiled: ${error.message}. Run "npm run setup" as the owner of ${ROOT}.`);
    }
    if (!isAlive()) {
      rmSync(LOCK, { force: true });
    } else if (!told) {
      told = true;
      say('Another command is setting up; waiting for it …');
    }
  }
  const touching = setInterval(touch, 1_000);
  const release = () => {
    clearInterval(touching);
    rmSync(LOCK, { force: true });
  };
  process.once('exit', release);
  await action();
  release();
  process.off('exit', release);
}

function touch() {
  try {
    utimesSync(LOCK, new Date(), new Date());
  } catch {
    // Another process has taken this one for dead.
  }
}

/**
 * Tells whether the lock's holder is alive. Its process id does not: after a killed container another process may have it. So
 * a holder touches the file again and again, by whatever clock.
 */
function lockHolderWatch() {
  let seen;
  let since = performance.now();
  return () => {
    try {
      const { mtimeMs } = statSync(LOCK);
      if (mtimeMs !== seen) since = performance.now();
      seen = mtimeMs;
      const pid = Number(readFileSync(LOCK, 'utf8'));
      // None: just made, and not written yet.
      if (pid > 0) process.kill(pid, 0);
    } catch (error) {
      if (error.code !== 'EPERM') return error.code === 'ENOENT';
    }
    return performance.now() - since < LOCK_STALE_MS;
  };
}

/** The npm that runs us, if one does. */
function npm(args) {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('.js')) return { command: process.execPath, args: [cli, ...args] };
  return { command: 'npm', args, shell: process.platform === 'win32' };
}

async function runNode(what, script, args) {
  await run(what, { command: process.execPath, args: [join(ROOT, script), ...args] });
}

/** Runs a program in a process group of its own, all of which ends with us. */
async function run(what, { command, args, shell = false }) {
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2], shell, detached: true, env: withHome() });
  const end = (signal) => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  for (const name of SIGNALS) process.on(name, end);
  let status;
  try {
    [status] = await once(child, 'exit');
  } catch (error) {
    fail(`${what} could not be run: ${error.message}`);
  }
  for (const name of SIGNALS) process.off(name, end);
  if (status !== 0) fail(`${what} failed; see above.`);
}

/** npm itself does not run without a home, which a user id that the system does not know has not got. */
function withHome() {
  try {
    return { ...process.env, HOME: process.env.HOME || homedir() };
  } catch {
    return { ...process.env, HOME: tmpdir() };
  }
}

/** To standard error, like npm's and the compiler's own words: standard output is the program's. */
function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(message) {
  say(message);
  process.exit(1);
}
