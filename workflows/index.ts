/** Everything that the workflow bundle exports is a workflow type. */
export { generateVideo } from './generate-video.ts';
