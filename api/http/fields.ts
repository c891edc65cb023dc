import { z } from 'zod';
import type { ZodOpenApiMetadata } from 'zod-openapi';
import { invalid } from '../errors/errors.ts';

/** A field's wire shape, as the API's description tells it. */
export type JsonSchema = Extract<NonNullable<ZodOpenApiMetadata['override']>, { type?: unknown }>;

/**
 * A field that arrives natively (JSON) or as a form's string. Strict on purpose: `Number('')` is 0, `Number('0x10')` is 16,
 * and a seed of 0 that was not asked for is a wrong video.
 *
 * @param expected completes the sentence "<field> must be …"; says what to do
 * @param shape what is described of it; no narrower than what `parse` takes
 */
export function field<T>(parse: (value: unknown) => T | undefined, expected: string, shape: JsonSchema) {
  const override = { ...shape, description: `${expected[0]!.toUpperCase()}${expected.slice(1)}.` };
  return z
    .unknown()
    .transform((value, context): T => {
      const parsed = parse(value);
      if (parsed !== undefined) return parsed;
      context.issues.push({ code: 'custom', message: `must be ${expected}`, input: value });
      return z.NEVER;
    })
    .meta({ override });
}

const WHOLE = /^(0|[1-9]\d{0,15})$/;
const DECIMAL = /^(0|[1-9]\d{0,8})(\.\d{1,9})?$/;
/** Described patterns let the empty string pass, which is the same as an absent field. */
const orEmpty = ({ source }: RegExp) => `^(${source.slice(1, -1)})?$`;

function number(value: unknown, pattern: RegExp): number | undefined {
  if (typeof value === 'string') return pattern.test(value) ? Number(value) : undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A whole number within `min` .. `max`. */
export const whole = (min: number, max: number, expected: string) =>
  field(
    (value) => {
      const parsed = number(value, WHOLE);
      const fits = parsed !== undefined && Number.isSafeInteger(parsed) && parsed >= min && parsed <= max;
      return fits ? parsed : undefined;
    },
    expected,
    { type: ['integer', 'string', 'null'], minimum: min, maximum: max, pattern: orEmpty(WHOLE) },
  ).optional();

/** A number within `min` (itself only where `inclusive`) .. `max`. */
export const decimal = (min: number, max: number, expected: string, inclusive = true) =>
  field(
    (value) => {
      const parsed = number(value, DECIMAL);
      const fits = parsed !== undefined && (inclusive ? parsed >= min : parsed > min) && parsed <= max;
      return fits ? parsed : undefined;
    },
    expected,
    {
      type: ['number', 'string', 'null'],
      ...(inclusive ? { minimum: min } : { exclusiveMinimum: min }),
      maximum: max,
      pattern: orEmpty(DECIMAL),
    },
  ).optional();

/** A string that `accepts` takes and that has to be there. */
export const requiredText = (accepts: (value: string) => boolean, expected: string, shape: JsonSchema = {}) =>
  field((value) => (typeof value === 'string' && accepts(value) ? value : undefined), expected, {
    type: 'string',
    ...shape,
  });

/** A string that `accepts` takes. */
export const text = (accepts: (value: string) => boolean, expected: string, shape: JsonSchema = {}) =>
  requiredText(accepts, expected, { type: ['string', 'null'], ...shape }).optional();

/** A string that matches. */
export const matching = (pattern: RegExp, expected: string) =>
  text((value) => pattern.test(value), expected, { pattern: orEmpty(pattern) });

/** An id that Temporal is searched for: it has no answer to quotes, control characters and the like. */
export const identifier = (what: string) =>
  matching(/^[\w.:@/+-]{1,200}$/, `${what}, of letters, digits and . : @ / + - _`);

/** True or false, as text in a form. */
export const yesOrNo = (expected: string) =>
  field((value) => YES_OR_NO.get(value), expected, { enum: [...YES_OR_NO.keys(), '', null] }).optional();

const YES_OR_NO = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  ['true', true],
  ['false', false],
]);

/** One of these strings. */
export const oneOf = <T extends string>(names: readonly T[], expected: string) =>
  field((value) => names.find((name) => name === value), expected, { enum: [...names, '', null] }).optional();

/** What a field of a query lists, one by one or with commas in between; undefined where it is no text. */
export function listedIn(value: unknown): string[] | undefined {
  const given = Array.isArray(value) ? (value as unknown[]) : [value];
  if (!given.every((one) => typeof one === 'string')) return undefined;
  return given.flatMap((list) => list.split(',')).filter((part) => part.trim() !== '');
}

/**
 * The fields as `schema` understands them; `null` and the empty string are the same as absent.
 *
 * @throws ApiError `invalid_value` with `param`: the first field that is at fault
 */
export function parseFields<T>(schema: z.ZodType<T>, fields: Record<string, unknown>): T {
  const parsed = schema.safeParse(present(fields));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const param = String(issue.path[0]);
  throw invalid(param, `${param} ${issue.message}.`);
}

/** Without what is null or empty. */
export const present = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== ''));
