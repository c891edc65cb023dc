import { apiPath, request, requestJson } from './request.ts';
import type {
  CreateVideo,
  EnhancedPrompt,
  FileSettings,
  PromptTokens,
  Variant,
  Video,
  VideoEstimate,
  VideoPage,
  VideoShare,
  VideoTag,
} from './types.ts';

const ofVideo = (id: string, action = '') => `videos/${encodeURIComponent(id)}${action}`;

/** @param idempotencyKey the same for each retry, so that they create one video */
export const createVideo = (body: CreateVideo, idempotencyKey: string): Promise<Video> =>
  requestJson('videos', { method: 'POST', body, headers: { 'idempotency-key': idempotencyKey } });

/** What a create with these fields would be answered with; the prompt may be left out. */
export const estimateVideo = (body: Partial<CreateVideo>, signal?: AbortSignal): Promise<VideoEstimate> =>
  requestJson('videos/estimate', { method: 'POST', body, signal });

/** How many tokens of the model these texts have. */
export const countTokens = (
  body: Pick<Partial<CreateVideo>, 'prompt' | 'negative_prompt'>,
  signal?: AbortSignal,
): Promise<PromptTokens> => requestJson('videos/tokens', { method: 'POST', body, signal });

/** Another wording of a prompt. It takes as long as the language model does. */
export const enhancePrompt = (prompt: string, signal?: AbortSignal): Promise<EnhancedPrompt> =>
  requestJson('videos/enhance', { method: 'POST', body: { prompt }, signal, timeoutMs: 150_000 });

export const getVideo = (id: string, signal?: AbortSignal): Promise<Video> => requestJson(ofVideo(id), { signal });

/** A page of the list, newest first; other names are those of the filters. */
export interface ListQuery {
  [filter: string]: string | number | null | undefined;
  limit: number;
  /** Id of the video before it; null for the newest. */
  after?: string | null;
}

export const listVideos = ({ limit, after, ...filters }: ListQuery, signal?: AbortSignal): Promise<VideoPage> => {
  const query = { limit: String(limit), ...(after && { after }), ...filters };
  return requestJson(`videos?${new URLSearchParams(query as Record<string, string>)}`, { signal });
};

/** Stars a video or not, and sets its tags; what is left out stays. @returns the video */
export const markVideo = (id: string, marks: { starred?: boolean; tags?: string[] }): Promise<Video> =>
  requestJson(ofVideo(id), { method: 'POST', body: marks });

/** The tags of an account, most used first. @param account empty for the viewer's own */
export const listTags = (account: string, signal?: AbortSignal): Promise<{ data: VideoTag[] }> =>
  requestJson(`tags${account && `?account=${encodeURIComponent(account)}`}`, { signal });

/** A ZIP of the finished ones among these. @param ids at most {@link MAX_IN_ARCHIVE} */
export const archivePath = (ids: string[]): string => `videos/archive?ids=${ids.join(',')}`;
export const MAX_IN_ARCHIVE = 100;

/** All videos of a group, in order. */
export const listGroup = (groupId: string, signal?: AbortSignal): Promise<Pick<VideoPage, 'data'>> =>
  requestJson(`videos/groups/${encodeURIComponent(groupId)}`, { signal });

/** What made a video, from its MP4. */
export const readSettings = (file: File): Promise<FileSettings> =>
  requestJson('videos/settings', { method: 'POST', body: new Blob([file], { type: 'video/mp4' }) });

export const createShare = (id: string, body: { expires_in: number; show_prompt: boolean }): Promise<VideoShare> =>
  requestJson(ofVideo(id, '/share'), { method: 'POST', body });

export const listShares = (id: string): Promise<{ data: VideoShare[] }> => requestJson(ofVideo(id, '/shares'));

export const revokeShare = (id: string, shareId: string): Promise<unknown> =>
  requestJson(ofVideo(id, `/shares/${encodeURIComponent(shareId)}`), { method: 'DELETE' });

export const cancelVideo = (id: string): Promise<Video> => requestJson(ofVideo(id, '/cancel'), { method: 'POST' });

export const retryVideo = (id: string): Promise<Video> => requestJson(ofVideo(id, '/retry'), { method: 'POST' });

/** Deletes it, even if the page is left meanwhile. */
export const deleteVideo = (id: string): Promise<unknown> =>
  requestJson(ofVideo(id), { method: 'DELETE', keepalive: true });

/** The newest preview of a running video. */
export const previewPath = (id: string): string => ofVideo(id, '/preview');

export const contentPath = (id: string, variant: Variant): string =>
  ofVideo(id, `/content${variant === 'video' ? '' : `?variant=${variant}`}`);

/** A file of the API, fetched with the API key, which `<img>` and `<video>` would not send. */
export async function fetchFile(path: string, signal?: AbortSignal): Promise<Blob> {
  // Scripts may not follow a redirect to a store of another origin.
  const proxied = `${path}${path.includes('?') ? '&' : '?'}delivery=proxy`;
  return await (await request(proxied, { signal })).blob();
}

/** A file's address, for servers without keys. */
export const fileAddress = apiPath;
