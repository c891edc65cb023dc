import type { WorkflowClientInterceptor } from '@temporalio/client';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry';

/** The SDK's own, except that looks, which come by the thousand, are not traced. */
export class ClientTracing extends OpenTelemetryWorkflowClientInterceptor {
  override describe: NonNullable<WorkflowClientInterceptor['describe']> = (input, next) => next(input);
}
