import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../contract/errors.ts';

/** OpenAI's error envelope for these codes. All four keys are always present. */
export function errorSchema<Code extends ErrorCode>(codes: readonly [Code, ...Code[]]) {
  const types = [...new Set(codes.map((code) => ERRORS[code].type))];
  return z.strictObject({
    error: z.strictObject({
      message: z.string().meta({ description: 'What is wrong and what to do.' }),
      type: z.enum(types),
      param: z.string().nullable().meta({ description: 'The invalid field.' }),
      code: z.enum(codes).meta({ description: 'Identifies the error for programs.' }),
    }),
  });
}

export type ErrorBody = z.infer<ReturnType<typeof errorSchema<ErrorCode>>>;
