import { z } from 'zod';
import { shownSetting } from './secrets.ts';
import { UserError } from './user-error.ts';

/** A port to listen on or connect to, 1 .. 65535. */
export const port = z.coerce
  .number('must be a port, 1 to 65535')
  .int('must be a port, 1 to 65535')
  .min(1, 'must be a port, 1 to 65535')
  .max(65_535, 'must be a port, 1 to 65535');

/** Settings of every process's log. */
export const logEnv = z.object({
  /** How much is logged: trace, debug, info, warn, error, fatal or silent. */
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** What stands in the log for a prompt: `hash`, by which equal ones are seen to be equal, or `none`. */
  LOG_PROMPTS: z.enum(['hash', 'none']).default('hash'),
  /** What these hashes are made with, so that no prompt can be guessed from one. @default drawn by each process at its start */
  LOG_PROMPTS_SECRET: z.string().min(16, 'must have 16 characters at least').optional(),
});
export type LogConfig = z.infer<typeof logEnv>;

/** Settings that cannot be used; the message names each variable, what is wrong with it, and what to do. */
export class ConfigError extends UserError {
  override readonly name = 'ConfigError';
}

/**
 * Reads a process's settings once, at its start. An empty string counts as absent, so that a template's unset variable
 * gets the default.
 *
 * @throws ConfigError
 */
export function readConfig<T extends z.ZodType>(schema: T, env: NodeJS.ProcessEnv = process.env): z.infer<T> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data) as z.infer<T>;
  const lines = parsed.error.issues.map((issue) => {
    const name = issue.path.join('.');
    const value = given[name];
    return value === undefined
      ? `  ${name} is not set: ${issue.message}`
      : `  ${name}=${String(shownSetting(name, value))}: ${issue.message}`;
  });
  throw new ConfigError(
    `The settings cannot be used:\n${lines.join('\n')}\nSet these environment variables, or leave them out for their defaults.`,
  );
}
