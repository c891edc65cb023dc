import type { Page } from 'playwright-core';
import { type Video, videoList } from '../../api/jobs/video-schema.ts';

export const VIDEOS = 10_000;

/** Videos that a program serves in the API's place. */
export interface ServedVideos {
  /** A minute later: the newest video is completed, and another begins. */
  next: () => void;
}

/**
 * Answers lists of videos, and their files, in the API's place.
 *
 * @param clip an MP4 that stands for every video. @default none: pictures only
 */
export async function serveVideos(page: Page, clip?: Buffer): Promise<ServedVideos> {
  const videos = Array.from({ length: VIDEOS }, (_, at) => video(VIDEOS - at));
  await page.route(/\/v1\/videos(\?|$)/, (route) => {
    const query = new URL(route.request().url()).searchParams;
    const [limit, after, q] = [Number(query.get('limit')), query.get('after'), query.get('q') ?? ''];
    const found = q === '' ? videos : videos.filter(({ prompt }) => prompt.endsWith(q));
    const from = after === null ? 0 : found.findIndex(({ id }) => id === after) + 1;
    return route.fulfill({ json: videoList(found.slice(from, from + limit), from + limit < found.length) });
  });
  const pictures = Array.from({ length: 24 }, (_, at) => picture(at));
  await page.route(/\/v1\/videos\/video_\w+\/(content|preview)/, (route) => {
    const url = route.request().url();
    if (clip && !url.includes('variant') && !url.includes('preview')) {
      return route.fulfill({ contentType: 'video/mp4', body: clip });
    }
    const id = /video_\w+/.exec(url)![0];
    return route.fulfill({ contentType: 'image/bmp', body: pictures[Number.parseInt(id.slice(-4), 16) % 24]! });
  });
  return {
    next: () => {
      const [newest] = videos;
      videos[0] = { ...newest!, status: 'completed', phase: 'completed', progress: 100 };
      videos.unshift({ ...video(videos.length + 1), status: 'in_progress', phase: 'denoising', progress: 40 });
    },
  };
}

/** A completed video. @param number counts from the oldest */
function video(number: number): Video {
  const createdAt = Math.floor(Date.now() / 1000) - 3_600 - 60 * (VIDEOS - number);
  return {
    id: `video_${(createdAt * 1000).toString(16).padStart(12, '0')}${number.toString(16).padStart(20, '0')}`,
    object: 'video',
    status: 'completed',
    progress: 100,
    prompt: `Fog drifts through layered mountain ridges at first light, take ${number}`,
    model: 'mochi-tiny',
    size: number % 3 === 0 ? '96x128' : '160x96',
    seconds: '2.1',
    created_at: createdAt,
    completed_at: createdAt + 30,
    expires_at: null,
    error: null,
    remixed_from_video_id: null,
    group_id: null,
    group_index: null,
    account: null,
    starred: number % 7 === 0,
    tags: number % 5 === 0 ? ['fog'] : [],
    phase: 'completed',
    step: null,
    steps: null,
    preview_step: null,
    queue_position: null,
    eta_seconds: null,
    deadline_at: null,
    overdue: false,
    seed: number,
    fps: 12,
    num_frames: 25,
    num_inference_steps: 20,
    guidance_scale: 4.5,
    guidance_start: 0,
    guidance_stop: 1,
    negative_prompt: null,
    original_prompt: null,
    inference_time_s: null,
    peak_memory_mb: null,
    warnings: [],
  };
}

const [WIDTH, HEIGHT] = [160, 96];
const HEADER_BYTES = 54;

/** A BMP with a gradient. @param hue one of 24 */
function picture(hue: number): Buffer {
  const file = Buffer.alloc(HEADER_BYTES + 3 * WIDTH * HEIGHT);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(HEADER_BYTES, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(WIDTH, 18);
  file.writeInt32LE(HEIGHT, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (let at = 0; at < WIDTH * HEIGHT; at++) {
    const [x, y] = [at % WIDTH, Math.floor(at / WIDTH)];
    file.set([10 * hue, (255 * y) / HEIGHT, (255 * x) / WIDTH], HEADER_BYTES + 3 * at);
  }
  return file;
}
