import { apiPath, request, requestJson } from './request.ts';
import type { CreateVideo, Variant, Video, VideoPage } from './types.ts';

const ofVideo = (id: string, action = '') => `videos/${encodeURIComponent(id)}${action}`;

/** @param idempotencyKey the same for every try of one submission, so that it makes one video */
export const createVideo = (body: CreateVideo, idempotencyKey: string): Promise<Video> =>
  requestJson('videos', { method: 'POST', body, headers: { 'idempotency-key': idempotencyKey } });

export const getVideo = (id: string, signal?: AbortSignal): Promise<Video> => requestJson(ofVideo(id), { signal });

/** A part of the list, newest first. */
export interface ListQuery {
  limit: number;
  /** Id of the video before it; null for the newest. */
  after?: string | null;
  /** Id of the account whose videos an admin wants; null for everybody's. */
  account?: string | null;
}

export const listVideos = ({ limit, after, account }: ListQuery, signal?: AbortSignal): Promise<VideoPage> => {
  const query = { limit: String(limit), ...(after && { after }), ...(account && { account }) };
  return requestJson(`videos?${new URLSearchParams(query)}`, { signal });
};

export const cancelVideo = (id: string): Promise<Video> => requestJson(ofVideo(id, '/cancel'), { method: 'POST' });

export const retryVideo = (id: string): Promise<Video> => requestJson(ofVideo(id, '/retry'), { method: 'POST' });

export const deleteVideo = (id: string): Promise<unknown> => requestJson(ofVideo(id), { method: 'DELETE' });

/** Small picture of a video that is being made. */
export const previewPath = (id: string): string => ofVideo(id, '/preview');

export const contentPath = (id: string, variant: Variant): string =>
  ofVideo(id, `/content${variant === 'video' ? '' : `?variant=${variant}`}`);

/** A file below the API as bytes; for servers with keys, as `<img>` and `<video>` send none. */
export async function fetchFile(path: string, signal?: AbortSignal): Promise<Blob> {
  // A script may not follow a redirect to a store of another origin.
  const proxied = `${path}${path.includes('?') ? '&' : '?'}delivery=proxy`;
  return await (await request(proxied, { signal })).blob();
}

/** The same file by its plain address. */
export const fileAddress = apiPath;
