import { z } from 'zod';

/** Answer of a probe. */
export const healthSchema = z.strictObject({ status: z.literal('ok') });
