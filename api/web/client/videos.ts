import { apiPath, request, requestJson } from './request.ts';
import type { CreateVideo, Variant, Video, VideoPage } from './types.ts';

const ofVideo = (id: string, action = '') => `videos/${encodeURIComponent(id)}${action}`;

/** @param idempotencyKey the same for every try of one submission, so that it makes one video */
export const createVideo = (body: CreateVideo, idempotencyKey: string): Promise<Video> =>
  requestJson('videos', { method: 'POST', body, headers: { 'idempotency-key': idempotencyKey } });

export const getVideo = (id: string, signal?: AbortSignal): Promise<Video> => requestJson(ofVideo(id), { signal });

/** Newest first. */
export const listVideos = (limit: number, after?: string, signal?: AbortSignal): Promise<VideoPage> =>
  requestJson(`videos?${new URLSearchParams({ limit: String(limit), ...(after && { after }) })}`, { signal });

export const cancelVideo = (id: string): Promise<Video> => requestJson(ofVideo(id, '/cancel'), { method: 'POST' });

export const retryVideo = (id: string): Promise<Video> => requestJson(ofVideo(id, '/retry'), { method: 'POST' });

export const deleteVideo = (id: string): Promise<unknown> => requestJson(ofVideo(id), { method: 'DELETE' });

/** Small picture of a video that is being made. */
export const previewPath = (id: string): string => ofVideo(id, '/preview');

export const contentPath = (id: string, variant: Variant): string =>
  ofVideo(id, `/content${variant === 'video' ? '' : `?variant=${variant}`}`);

/** A file below the API as bytes; for servers with keys, as `<img>` and `<video>` send none. */
export const fetchFile = async (path: string, signal?: AbortSignal): Promise<Blob> =>
  (await request(path, { signal })).blob();

/** The same file by its plain address. */
export const fileAddress = apiPath;
