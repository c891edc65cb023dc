import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { markdownTable } from './section.ts';
import { type Setting, settingsBySection } from './settings.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** The processes that make up the service. */
const SERVICE = ['API', 'CPU worker', 'GPU worker'];
/** What a name says of its unit. */
const UNITS: [RegExp, string][] = [
  [/_MS$/, 'ms'],
  [/_(S|SECONDS)$/, 's'],
  [/_HOURS$/, 'h'],
  [/_BYTES$/, 'bytes'],
  [/_CHARS$/, 'characters'],
  [/_PORT$/, 'port'],
];

/** The tables of docs/configuration.md: a section for each place where settings are declared. */
export async function configurationTables(): Promise<string> {
  const sections = await settingsBySection();
  return sections
    .map(({ title, settings }) => {
      const rows = settings.map((setting) => [
        `\`${setting.name}\``,
        processes(setting),
        defaultOf(setting),
        unitOf(setting),
        setting.comment.text,
      ]);
      return `## ${title}\n\n${markdownTable(['variable', 'process', 'default', 'unit', 'what it is'], rows)}`;
    })
    .join('\n\n');
}

function processes({ processes: all }: Setting): string {
  if (SERVICE.every((one) => all.includes(one)))
    return ['all', ...all.filter((one) => !SERVICE.includes(one))].join(', ');
  return all.join(', ').replace('CPU worker, GPU worker', 'workers');
}

function defaultOf({ schema, comment }: Setting): string {
  if (comment.default !== undefined) return comment.default;
  const parsed = schema.safeParse(undefined);
  if (!parsed.success) return '**required**';
  const value = [parsed.data as string | number | boolean | string[] | undefined].flat().join(',');
  if (value.startsWith(ROOT)) return `\`./${value.slice(ROOT.length)}\``;
  if (value.startsWith(tmpdir())) throw new Error(`${value} is this machine's: say the default in the comment`);
  return value === '' ? 'none' : `\`${value}\``;
}

function unitOf({ name, schema, comment }: Setting): string {
  const { kind, values, range } = kindOf(schema);
  if (kind === 'boolean') return '`true` or `false`';
  if (kind === 'enum') return values.map((value) => `\`${value}\``).join(', ');
  if (kind !== 'number') return '';
  const unit = comment.unit ?? UNITS.find(([pattern]) => pattern.test(name))?.[1];
  return unit === 'port' ? unit : [range, unit].filter(Boolean).join(' ');
}

interface Kind {
  kind: 'boolean' | 'number' | 'enum' | 'text';
  values: string[];
  /** Of a number with two ends, `1 to 8760`. */
  range: string;
}

/** The parts of zod's own definition of a schema that are read here. */
interface Definition {
  type: string;
  innerType?: z.ZodType;
  in?: z.ZodType;
  out?: z.ZodType;
  options?: z.ZodType[];
  entries?: Record<string, string>;
}

function kindOf(schema: z.ZodType): Kind {
  const { type, innerType, in: from, out: to, options, entries } = schema.def as unknown as Definition;
  if (innerType !== undefined) return kindOf(innerType);
  if (type === 'union') return kindOf(options!.at(-1)!);
  if (type === 'pipe') return to?.def.type === 'boolean' ? kindOf(to) : kindOf(from!);
  const kind = (['boolean', 'number', 'enum'] as const).find((one) => one === type) ?? 'text';
  return { kind, values: Object.values(entries ?? {}), range: kind === 'number' ? rangeOf(schema as z.ZodNumber) : '' };
}

function rangeOf({ minValue, maxValue }: z.ZodNumber): string {
  const [min, max] = [minValue ?? -Infinity, maxValue ?? Infinity];
  const hasMax = max < Number.MAX_SAFE_INTEGER;
  if (hasMax) return `${min} to ${max}`;
  return min > 0 ? `from ${min}` : '';
}
