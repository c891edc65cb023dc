import type { ModelProfile } from '../../contract/model-profile.ts';
import type { Logger } from '../../platform/log/logger.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { AdmissionDeps } from '../admission/admission.ts';
import type { BodyTimes } from '../http/body/read-bytes.ts';
import type { Temporal } from '../jobs/temporal.ts';
import type { Marks } from '../marks/marks.ts';
import type { ContentDelivery } from './content-delivery.ts';
import type { VideoService } from './video-service.ts';
import type { VideoStarts } from './video-starts.ts';

/** What the routes of videos work with. */
export interface VideosDeps extends AdmissionDeps {
  temporal: Temporal;
  videos: VideoService;
  starts: VideoStarts;
  /** Stars and tags. */
  marks: Marks;
  /** Store of what only running jobs need, previews among it. */
  scratch: ObjectStore;
  /** Store of the finished files. */
  artefacts: ObjectStore;
  /** Hours after its end for which a video's files are kept. */
  keepHours: number;
  /** Set where clients are sent to that store instead of being served from here. */
  delivery?: ContentDelivery | undefined;
  profile: ModelProfile;
  /** Other names under which the model may be asked for. */
  aliases: readonly string[];
  limits: AdmissionDeps['limits'] & {
    /** Of a JSON body, or of a form's text. */
    bodyBytes: number;
    /** Of a file that is sent to be read. */
    fileBytes: number;
    /** How long a body may take to come. @default 10 s between two pieces of it, a minute for all of it */
    bodyTimes?: BodyTimes;
    /** Of the prompt, and of the negative prompt. */
    promptChars: number;
    /** Event streams that an account may have open at a time. */
    eventStreams: number;
  };
  /** Aborted when the process is asked to stop: it is no longer ready, and streams end. */
  stopping: AbortSignal;
  log: Logger;
}
