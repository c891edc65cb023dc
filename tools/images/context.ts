import { access, cp, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Copies what Docker would be sent of a folder: what its `.dockerignore` lets through. Of its language, `*`, `!name` and
 * plain paths are understood.
 */
export async function copyContext(from: string, to: string): Promise<void> {
  const lines = (await readFile(join(from, '.dockerignore'), 'utf8')).split('\n').map((line) => line.trim());
  const rules = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const [first, ...others] = rules;
  if (first !== '*') throw new Error('.dockerignore: must begin by leaving everything out');
  const allowed = others.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
  const out = others.filter((rule) => !rule.startsWith('!'));
  for (const name of allowed) {
    await access(join(from, name)).catch(() => {
      throw new Error(`.dockerignore: lets in ${name}, which is not there`);
    });
    await mkdir(dirname(join(to, name)), { recursive: true });
    await cp(join(from, name), join(to, name), {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !out.includes(path.slice(from.length + 1)),
    });
  }
}
