import { z } from 'zod';
import type { ZodOpenApiRequestBodyObject } from 'zod-openapi';

/** A body as JSON or as a form. */
export const body = (schema: z.ZodType): ZodOpenApiRequestBodyObject => ({
  content: { 'application/json': { schema }, 'multipart/form-data': { schema } },
});

/** The path of a video. */
export const videoPath = {
  path: z.object({ id: z.string().meta({ description: 'Id of the video.', example: 'video_019aa1b2c3d4e5f6' }) }),
};
