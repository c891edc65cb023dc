import type { Resource } from '@opentelemetry/resources';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { makeWorkflowExporter, type OpenTelemetrySinks } from '@temporalio/interceptors-opentelemetry';
import type { InjectedSinks } from '@temporalio/worker';
import type { WorkflowInfo } from '@temporalio/workflow';

/**
 * Takes the spans of workflows. The SDK's own sink makes attributes of all that is known of the workflow, its memo with the
 * prompt among it: it is given ids only.
 */
export function workflowSinks(processor: SpanProcessor, resource: Resource): InjectedSinks<OpenTelemetrySinks> {
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
