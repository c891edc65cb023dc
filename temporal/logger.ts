import { createHash } from 'node:crypto';
import type { LogLevel, LogMetadata, Logger as TemporalLogger } from '@temporalio/common';
import { trace } from '@opentelemetry/api';
import { type DestinationStream, type Logger, pino } from 'pino';
import sonicBoom from 'sonic-boom';

export type { Logger } from 'pino';

const PROMPTS = ['prompt', 'negativePrompt', 'negative_prompt'];

/**
 * A process's log: JSON lines on standard output, times in ISO 8601. Prompts are people's own words and never logged: a
 * field of that name is replaced, up to two levels down.
 *
 * @param name of the process, e.g. `api`.
 * @param prompts by what: the first half of the SHA-256, in hexadecimal, or nothing
 */
export function createLogger(name: string, level: string, prompts: 'hash' | 'none' = 'hash'): Logger {
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
      censor: prompts === 'hash' ? hashed : () => '(not logged)',
    },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, standardOutput());
}

/** Without waiting for its reader; what is left is written when the process ends. */
function standardOutput(): DestinationStream {
  // Not pino's own, which is of version 4: that one tries for ever to write to a reader that is gone.
  const output = new sonicBoom.SonicBoom({ fd: process.stdout.fd });
  // Who reads the log no more must not end the service.
  output.on('error', () => {});
  process.once('exit', () => {
    try {
      output.flushSync();
    } catch {
      // Nobody reads it.
    }
  });
  return output;
}

function hashed(prompt: unknown): string {
  return typeof prompt === 'string' ? createHash('sha256').update(prompt).digest('hex').slice(0, 32) : '(not logged)';
}

/**
 * What the Temporal SDK logs, written to `log`. At `trace` it logs whole activations, with the prompts in base64: only
 * plain values of it are written.
 */
export function temporalLogger(log: Logger): TemporalLogger {
  const write = (level: LogLevel, message: string, meta: LogMetadata = {}) => {
    const { error, ...rest } = level === 'TRACE' ? plainValuesOf(meta) : meta;
    log[level.toLowerCase() as Lowercase<LogLevel>](error === undefined ? rest : { ...rest, err: error }, message);
  };
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}

const plainValuesOf = (meta: LogMetadata): LogMetadata =>
  Object.fromEntries(Object.entries(meta).filter(([, value]) => typeof value !== 'object'));
