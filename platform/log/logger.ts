import { createHmac, randomBytes } from 'node:crypto';
import { trace } from '@opentelemetry/api';
import { type Logger, pino } from 'pino';
import type { LogConfig } from '../config/config.ts';
import { standardOutput } from './standard-output.ts';

export type { Logger } from 'pino';

/** Settings of what stands in the log for a prompt. */
type PromptLogConfig = Pick<LogConfig, 'LOG_PROMPTS' | 'LOG_PROMPTS_SECRET'>;

const PROMPTS = ['prompt', 'negativePrompt', 'negative_prompt', 'originalPrompt', 'original_prompt'];

/**
 * A process's log: JSON lines on standard output, times in ISO 8601. Prompts are people's own words and never logged: a
 * field of that name is replaced, up to two levels down.
 *
 * @param name of the process, e.g. `api`.
 * @param prompts by what: the first half of the HMAC-SHA-256, in hexadecimal, or nothing
 * @param secret of that HMAC: a hash alone could be guessed. @default drawn for this process
 */
export function createLogger(
  name: string,
  level: string,
  { LOG_PROMPTS: prompts = 'hash', LOG_PROMPTS_SECRET: secret }: Partial<PromptLogConfig> = {},
): Logger {
  const salt = secret ?? randomBytes(32);
  const options = {
    name,
    level,
    // Where tracing is on, a line leads to its trace.
    mixin: () => {
      const span = trace.getActiveSpan()?.spanContext();
      return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
    },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: PROMPTS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: (prompt: unknown) =>
        prompts === 'hash' && typeof prompt === 'string' ? hashed(prompt, salt) : '(not logged)',
    },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const lostLines = (count: number) =>
    JSON.stringify({
      level: 'warn',
      time: new Date().toISOString(),
      name,
      msg: `Lost ${count} lines that could not be written`,
    });
  return pino(options, standardOutput(lostLines));
}

const hashed = (prompt: string, salt: string | Buffer) =>
  createHmac('sha256', salt).update(prompt).digest('hex').slice(0, 32);
