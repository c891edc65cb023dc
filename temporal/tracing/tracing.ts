import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { Sinks } from '@temporalio/workflow';
import type { TemporalConfig } from '../config.ts';
import type { Logger } from '../logger.ts';

/** Traces of what this process does, sent to a collector, and the parts that carry a trace through Temporal. */
export interface Tracing {
  /** Of clients: what they start or signal belongs to the caller's trace. */
  clientInterceptor: WorkflowClientInterceptor;
  /** Of workers: each attempt at an activity is a span. */
  activityInterceptor: ActivityInterceptorsFactory;
  /** Of workers with workflows: takes the spans that the bundle's variant `traced` makes. */
  workflowSinks: InjectedSinks<Sinks>;
  /** Sends what is left, and ends. */
  close(): Promise<void>;
}

type TracingConfig = Pick<
  TemporalConfig,
  'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT' | 'OTEL_SDK_DISABLED'
>;

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
