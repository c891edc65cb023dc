import { z } from 'zod';

/** Settings of traces; everything else is read by OpenTelemetry itself, from its own variables. */
export const tracingEnv = z.object({
  /** Address of an OpenTelemetry collector, OTLP over HTTP. Without it nothing is traced. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, message: 'must be an http or https address' }).optional(),
  /** The same, for traces alone and with the whole path. */
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z
    .url({ protocol: /^https?$/, message: 'must be an http or https address' })
    .optional(),
  /** `true` for no traces, whatever else is set. */
  OTEL_SDK_DISABLED: z.stringbool().optional(),
});
export type TracingConfig = z.infer<typeof tracingEnv>;
