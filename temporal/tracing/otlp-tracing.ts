import { diag, DiagLogLevel } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResourcesSync, envDetectorSync, Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import {
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
  makeWorkflowExporter,
  type OpenTelemetrySinks,
} from '@temporalio/interceptors-opentelemetry';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { Sinks, WorkflowInfo } from '@temporalio/workflow';
import type { Logger } from '../../platform/log/logger.ts';

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

/** Starts to collect spans of this process and to send them, OTLP over HTTP in JSON. */
export function startTracing(name: string, log: Logger): Tracing {
  const tell = (message: string) => log.warn({ reason: message.slice(0, 500) }, 'Traces are not sent');
  const quiet = () => {};
  diag.setLogger({ error: tell, warn: tell, info: quiet, debug: quiet, verbose: quiet }, DiagLogLevel.WARN);
  const resource = Resource.default()
    .merge(new Resource({ 'service.name': `kinora-${name}` }))
    .merge(detectResourcesSync({ detectors: [envDetectorSync] }));
  const processor = new BatchSpanProcessor(new OTLPTraceExporter());
  const provider = new NodeTracerProvider({ resource, spanProcessors: [processor] });
  // Without baggage: what a client sends in it would be kept by Temporal.
  provider.register({ propagator: new W3CTraceContextPropagator() });
  return {
    clientInterceptor: new ClientTracing(),
    activityInterceptor: (context) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(context) }),
    workflowSinks: workflowSinks(processor, resource),
    // A collector that is gone must not hold the end of a process.
    close: () => provider.shutdown().catch((error: Error) => tell(error.message)),
  };
}

/** The SDK's own, except that reads of a workflow are not traced: there are thousands. */
class ClientTracing extends OpenTelemetryWorkflowClientInterceptor {
  override describe: NonNullable<WorkflowClientInterceptor['describe']> = (input, next) => next(input);
}

/**
 * Takes the spans of workflows. The SDK's own sink makes attributes of all that is known of the workflow, its memo with the
 * prompt among it: it is given ids only.
 */
function workflowSinks(processor: SpanProcessor, resource: Resource): InjectedSinks<OpenTelemetrySinks> {
  const exporter = makeWorkflowExporter(processor, resource);
  return {
    exporter: {
      export: {
        fn: ({ workflowId, runId, workflowType }, spans) =>
          exporter.export.fn({ workflowId, runId, workflowType } as WorkflowInfo, spans),
      },
    },
  };
}
