import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../contract/errors.ts';

/** OpenAI's error envelope, for errors of these codes: all four keys, always. */
export function errorSchema<Code extends ErrorCode>(codes: readonly [Code, ...Code[]]) {
  const types = [...new Set(codes.map((code) => ERRORS[code].type))];
  return z.strictObject({
    error: z.strictObject({
      message: z.string().meta({ description: 'What is wrong and what to do, for people.' }),
      type: z.enum(types),
      param: z.string().nullable().meta({ description: 'The field that is at fault.' }),
      code: z.enum(codes).meta({ description: 'What is wrong, for programs.' }),
    }),
  });
}

export type ErrorBody = z.infer<ReturnType<typeof errorSchema<ErrorCode>>>;
