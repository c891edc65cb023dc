import type { Response } from 'express';
import { viewerOf } from '../accounts/viewer.ts';
import type { Video } from '../jobs/video-schema.ts';
import { seenBy } from '../jobs/video-object.ts';

/** What Python's `create_and_poll` waits between two polls; it parses an integer and reads only the first. */
const POLL_AFTER_MS = '2000';

/** Answers with the video as it stands, and says when to ask again. */
export function sendVideo(res: Response, video: Video): void {
  res.setHeader('cache-control', 'no-store');
  if (video.status === 'queued' || video.status === 'in_progress') res.setHeader('openai-poll-after-ms', POLL_AFTER_MS);
  res.json(seenBy(viewerOf(res), video));
}
