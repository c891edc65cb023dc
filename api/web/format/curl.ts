import { session } from '../client/session.ts';
import type { CreateVideo, Video } from '../client/types.ts';
import { guidanceInterval } from './facts.ts';

/**
 * The request that makes a video again. The length is given as `seconds` and `fps`, which fit every video.
 *
 * @param sameSeed false for a random seed
 */
export const againBody = (video: Video, sameSeed: boolean): CreateVideo => ({
  prompt: video.prompt,
  ...(video.negative_prompt !== null && { negative_prompt: video.negative_prompt }),
  ...(video.original_prompt && { original_prompt: video.original_prompt }),
  size: video.size,
  seconds: video.seconds,
  fps: video.fps,
  ...(sameSeed && { seed: video.seed }),
  num_inference_steps: video.num_inference_steps,
  guidance_scale: video.guidance_scale,
  ...guidanceInterval(video),
});

/** The same as a command for a POSIX shell, with the key as a variable. */
export function curlCommand(video: Video): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const lines = [
    `curl ${quoted(new URL('v1/videos', document.baseURI).href)}`,
    ...(session.get().apiKey === null ? [] : [`-H "authorization: Bearer $KINORA_API_KEY"`]),
    `-H 'content-type: application/json'`,
    `-d ${quoted(JSON.stringify(againBody(video, true)))}`,
  ];
  return lines.join(' \\\n  ');
}
