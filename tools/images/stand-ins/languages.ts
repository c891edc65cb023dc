import { execFile } from 'node:child_process';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BASE } from './debian.ts';
import type { Recipe } from './recipe.ts';

/** A release of the line that comes with Node 24. */
const NPM = '11.21.2';
/** Debian's only choice: the Dockerfile asks pip for the wheel of another version, and so gets the same one. */
const PYTHON = `FROM ${BASE}
RUN apt-get update && apt-get install -y --no-install-recommends python3-pip python-is-python3
CMD ["python"]
`;

/** Node's own build, out of npm's registry, and npm as the official image has it; user node is 1000. */
export const node: Recipe = async (tag, context) => {
  const version = /^[\d.]+/.exec(tag)![0];
  const modules = join(context, 'usr-local/lib/node_modules/npm');
  await mkdir(modules, { recursive: true });
  await unpack(`node-linux-${process.arch}@${version}`, join(context, 'usr-local'), context);
  await unpack(`npm@${NPM}`, modules, context);
  for (const name of ['npm', 'npx']) {
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(context, 'usr-local/bin', name));
    await chmod(join(modules, `bin/${name}-cli.js`), 0o755);
  }
  await chmod(join(context, 'usr-local/bin/node'), 0o755);
  return `FROM ${BASE}
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
COPY usr-local/ /usr/local/
ENV NODE_VERSION=${version}
CMD ["node"]
`;
};

export const python: Recipe = () => Promise.resolve(PYTHON);

/** No CUDA: enough to build on, and to see that the worker refuses to go on without it. */
export const cuda: Recipe = () => Promise.resolve(`FROM ${BASE}\n`);

async function unpack(packed: string, to: string, work: string): Promise<void> {
  const run = promisify(execFile);
  const { stdout } = await run('npm', ['pack', '--silent', packed], { cwd: work });
  const archive = join(work, stdout.trim());
  await run('tar', ['-xzf', archive, '-C', to, '--strip-components=1']);
}
