import { z } from 'zod';

const base64 = z.string().regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);

/** A payload as Temporal's protocol has it in JSON. Fields that are not known pass. */
const payloadSchema = z.looseObject({
  metadata: z.record(z.string(), base64).optional().meta({ description: 'How to read the data, base64 each.' }),
  data: base64.optional(),
});

/** What a remote codec is sent, and answers. */
export const payloadsSchema = z.object({ payloads: z.array(payloadSchema) });
