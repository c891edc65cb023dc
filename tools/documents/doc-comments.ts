import { parseSync } from 'oxc-parser';

/** What the comment above a setting says of it. */
export interface DocComment {
  /** One paragraph. */
  text: string;
  /** Of `@default`: what it is where the value says too little, e.g. because the machine decides. */
  default?: string | undefined;
  /** Of `@unit`. */
  unit?: string | undefined;
}

/** The comments of a source file that stand right above a key in capitals of an object, by that key. */
export function docComments(file: string, source: string): Map<string, DocComment> {
  const found = new Map<string, DocComment>();
  const { comments, program } = parseSync(file, source);
  const docs = comments.filter(({ type, value }) => type === 'Block' && value.startsWith('*'));
  for (const { name, start } of capitalKeys(program)) {
    const above = docs.findLast(({ end }) => end <= start);
    if (above && source.slice(above.end, start).trim() === '') found.set(name, parsed(above.value));
  }
  return found;
}

function* capitalKeys(node: unknown): Generator<{ name: string; start: number }> {
  if (typeof node !== 'object' || node === null) return;
  const { type, key, start } = node as { type?: string; key?: { name?: string }; start: number };
  if (type === 'Property' && /^[A-Z][A-Z0-9_]+$/.test(key?.name ?? '')) yield { name: key!.name!, start };
  for (const child of Object.values(node)) yield* capitalKeys(child);
}

function parsed(comment: string): DocComment {
  const plain = comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*+/, '').trim())
    .join(' ')
    .trim();
  const [text, ...tags] = plain.split(/\s*@(?=default |unit )/);
  const tag = (name: string) =>
    tags
      .find((one) => one.startsWith(`${name} `))
      ?.slice(name.length + 1)
      .trim();
  return { text: text!, default: tag('default'), unit: tag('unit') };
}
