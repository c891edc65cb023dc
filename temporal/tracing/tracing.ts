import type { TracingConfig } from './config.ts';
import type { Logger } from '../../platform/log/logger.ts';
import type { Tracing } from './otlp-tracing.ts';

/**
 * Tracing by OpenTelemetry, where an address of a collector is set. Everything else is read by OpenTelemetry itself, from
 * its own variables.
 *
 * @param name of the process, e.g. `api`
 * @returns null where it is off; nothing of OpenTelemetry's SDK is loaded then
 */
export async function openTracing(config: TracingConfig, name: string, log: Logger): Promise<Tracing | null> {
  const endpoint = config.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined || config.OTEL_SDK_DISABLED) return null;
  const { startTracing } = await import('./otlp-tracing.ts');
  return startTracing(name, log);
}
