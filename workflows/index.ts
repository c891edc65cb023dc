/** Everything that the workflow bundle exports is a workflow type. */
export { cleanUpLater } from './clean-up-later.ts';
export { deliverWebhook } from './deliver-webhook.ts';
export { expireVideos } from './expire-videos.ts';
export { exportVideo } from './export-video.ts';
export { generateVideo } from './generate-video.ts';
export { removeVideo } from './remove-video.ts';
export { rememberRequest } from './reservation.ts';
export { reservation } from './reservation.ts';
