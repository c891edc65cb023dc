import { z } from 'zod';

const base64 = z.string().regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);

/** A payload in Temporal's JSON. Unknown fields pass. */
const payloadSchema = z.looseObject({
  metadata: z.record(z.string(), base64).optional().meta({ description: 'How to decode the data; values in base64.' }),
  data: base64.optional(),
});

/** Request and response of a remote codec. */
export const payloadsSchema = z.object({ payloads: z.array(payloadSchema) });
