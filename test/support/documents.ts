import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Folders, from the root, that are not the project's own; pulled models have pages of their own. */
const NOT_OURS = new Set(['node_modules', 'dist', '.git', 'data', 'models']);

/** A page of the documents. */
export interface Document {
  /** From the root of the project. */
  path: string;
  text: string;
}

/** Every page in Markdown, wherever it lies. */
export async function documents(): Promise<Document[]> {
  const paths = await markdownBelow('');
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })));
}

async function markdownBelow(folder: string): Promise<string[]> {
  const entries = await readdir(join(ROOT, folder), { withFileTypes: true });
  const found = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(path) ? [] : await markdownBelow(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}

/** Text without the blocks of code. */
export const prose = (text: string) => text.replace(/^```[^]*?^```$/gm, '');

/** Where a page's headings can be linked to, as GitHub names them. */
export function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  return [...prose(text).matchAll(/^#+ (.*)$/gm)].map(([, title]) => {
    const anchor = anchorOf(title!);
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

export const anchorOf = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

/** Every command of a page: the lines of its blocks for a shell, and what its text has in code that begins like one. */
export function commandsOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh.*\n([^]*?)^```$/gm)].flatMap(([, lines]) =>
    lines!.replaceAll('\\\n', ' ').split('\n'),
  );
  const inText = [
    ...prose(text).matchAll(/`((?:(?:npm|npx|node|docker|kubectl|kustomize|temporal|curl|python) |\.ci\/)[^`]*)`/g),
  ];
  const scripts = [...prose(text).matchAll(/`(k8s\/[\w-]+(?: [^`]*)?)`/g)];
  return [...blocks, ...[...inText, ...scripts].map(([, command]) => command!)]
    .map((line) =>
      line
        .replace(/(^|\s)#.*$/, '')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .filter((line) => line !== '' && !/^k8s\/(base|overlays|components|temporal|images)$/.test(line));
}
