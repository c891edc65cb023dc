import { readFile } from 'node:fs/promises';

/** A block of commands of docs/operating.md. */
export interface CommandBlock {
  /** The heading that it stands under. */
  heading: string;
  /** Where its commands can be run: on one machine, or in a cluster. */
  where: 'machine' | 'kubernetes';
  /** For a shell. */
  commands: string;
}

/** The page for operators, as it is written. */
export const operatingPage = (): Promise<string> =>
  readFile(new URL('../../../docs/operating.md', import.meta.url), 'utf8');

/** All blocks of commands of a page, in their order. */
export function commandBlocks(page: string): CommandBlock[] {
  const blocks: CommandBlock[] = [];
  let heading = '';
  for (const [, title, info, commands] of page.matchAll(/^#+ (.*)$|^```sh(.*)\n([^]*?)^```$/gm)) {
    if (title !== undefined) heading = title;
    else blocks.push({ heading, where: info?.trim() === 'kubernetes' ? 'kubernetes' : 'machine', commands: commands! });
  }
  return blocks;
}
