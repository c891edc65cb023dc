import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from '../../../platform/config/user-error.ts';

const figureSchema = z.object({
  what: z.string(),
  value: z.union([z.number(), z.string()]),
  unit: z.string().optional(),
  values: z.array(z.number()).optional(),
  pass: z.boolean().optional(),
});

/** How a step came to its end; `left out` where it would not have fitted, or its turn never came. */
const OUTCOMES = ['done', 'failed', 'stopped', 'left out'] as const;

const recordSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('begin'),
    date: z.string(),
    devices: z.array(z.string()),
    gpus: z.array(z.string()),
    software: z.record(z.string(), z.string()),
    budgetS: z.number(),
    steps: z.array(z.string()),
  }),
  z.object({ kind: z.literal('figure'), step: z.string(), ...figureSchema.shape }),
  z.object({
    kind: z.literal('end'),
    step: z.string(),
    outcome: z.enum(OUTCOMES),
    seconds: z.number(),
    why: z.string().optional(),
  }),
]);

/** A line of the file of results. A run is a `begin` and everything up to the next one. */
export type BenchRecord = z.infer<typeof recordSchema>;
export type BeginRecord = Extract<BenchRecord, { kind: 'begin' }>;
export type FigureRecord = Extract<BenchRecord, { kind: 'figure' }>;
export type EndRecord = Extract<BenchRecord, { kind: 'end' }>;

/** Appends a line; it is in the file when this comes back. */
export function appendRecord(file: string, record: BenchRecord): void {
  // JSON has no NaN: what could not be compared is a word.
  const text = JSON.stringify(record, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
  appendFileSync(file, `${text}\n`);
}

/**
 * Everything in a file of results, run by run. A last line that was cut short is left out.
 *
 * @throws UserError for a file that is none
 */
export async function readRuns(file: string): Promise<BenchRecord[][]> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UserError(`${file} cannot be read: ${error.message}`);
  });
  const runs: BenchRecord[][] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const record = parse(line);
    if (record === undefined || (record.kind !== 'begin' && runs.length === 0)) {
      throw new UserError(`${file} holds no results of npm run bench:gpu: ${line.slice(0, 80)}`);
    }
    if (record.kind === 'begin') runs.push([]);
    runs.at(-1)!.push(record);
  }
  if (runs.length === 0) throw new UserError(`${file} holds no results of npm run bench:gpu.`);
  return runs;
}

function parse(line: string): BenchRecord | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
