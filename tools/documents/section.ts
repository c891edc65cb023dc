import { format } from 'prettier';

/**
 * A page with the part between `<!-- NAME: … -->` and `<!-- end of NAME -->` replaced, as prettier has it.
 *
 * @throws Error where the page has no such part
 */
export async function withSection(page: string, name: string, text: string): Promise<string> {
  const begin = new RegExp(`<!-- ${name}: [^]*?-->`).exec(page);
  const end = page.indexOf(`<!-- end of ${name} -->`);
  if (begin === null || end < begin.index) throw new Error(`The page has no place for its ${name}`);
  const whole = `${page.slice(0, begin.index)}${begin[0]}\n\n${text}\n\n${page.slice(end)}`;
  return format(whole, { parser: 'markdown', printWidth: 120, singleQuote: true });
}

/** A table in Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
