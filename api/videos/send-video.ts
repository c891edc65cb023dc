import type { Response } from 'express';
import { viewerOf } from '../accounts/viewer.ts';
import { idsOf } from '../../contract/video-group.ts';
import type { CreatedVideo, Video } from '../jobs/video-schema.ts';
import { seenBy, type VideoRecord } from '../jobs/video-object.ts';

/** What Python's `create_and_poll` waits between two polls; it parses an integer and reads only the first. */
const POLL_AFTER_MS = '2000';

/** Answers with the video as it stands, and says when to ask again. */
export const sendVideo = (res: Response, video: Video): void => send(res, video, {});

/** Answers a create: with the video, or with the first one of several and the ids of all of them. */
export function sendCreated(res: Response, { input, video }: VideoRecord): void {
  const group = idsOf(input);
  send(res, video, group.length > 1 ? { group } : {});
}

function send(res: Response, video: Video, more: Pick<CreatedVideo, 'group'>): void {
  res.setHeader('cache-control', 'no-store');
  if (video.status === 'queued' || video.status === 'in_progress') res.setHeader('openai-poll-after-ms', POLL_AFTER_MS);
  res.json({ ...seenBy(viewerOf(res), video), ...more });
}
