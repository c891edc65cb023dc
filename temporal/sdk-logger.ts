import type { LogLevel, LogMetadata, Logger as TemporalLogger } from '@temporalio/common';
import type { Logger } from '../platform/log/logger.ts';

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
