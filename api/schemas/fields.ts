import { z } from 'zod';
import { invalid } from '../errors.ts';

/**
 * An optional field that arrives natively (JSON) or as a form's string. Strict on purpose: `Number('')` is 0,
 * `Number('0x10')` is 16, and a seed of 0 that nobody asked for is a wrong video.
 *
 * @param expected completes the sentence "<field> must be …"; says what to do
 */
function field<T>(parse: (value: unknown) => T | undefined, expected: string) {
  return z
    .unknown()
    .transform((value, context): T => {
      const parsed = parse(value);
      if (parsed !== undefined) return parsed;
      context.issues.push({ code: 'custom', message: `must be ${expected}`, input: value });
      return z.NEVER;
    })
    .optional();
}

const WHOLE = /^(0|[1-9]\d{0,15})$/;
const DECIMAL = /^(0|[1-9]\d{0,8})(\.\d{1,9})?$/;

function number(value: unknown, pattern: RegExp): number | undefined {
  if (typeof value === 'string') return pattern.test(value) ? Number(value) : undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A whole number within `min` .. `max`. */
export const whole = (min: number, max: number, expected: string) =>
  field((value) => {
    const parsed = number(value, WHOLE);
    return parsed !== undefined && Number.isSafeInteger(parsed) && parsed >= min && parsed <= max ? parsed : undefined;
  }, expected);

/** A number within `min` (itself only where `inclusive`) .. `max`. */
export const decimal = (min: number, max: number, expected: string, inclusive = true) =>
  field((value) => {
    const parsed = number(value, DECIMAL);
    return parsed !== undefined && (inclusive ? parsed >= min : parsed > min) && parsed <= max ? parsed : undefined;
  }, expected);

/** A string that `accepts` takes. */
export const text = (accepts: (value: string) => boolean, expected: string) =>
  field((value) => (typeof value === 'string' && accepts(value) ? value : undefined), expected);

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
