/** Seconds from a video's start to its completion; Prometheus gets the unit appended. */
export const VIDEO_SECONDS = 'kinora_video';
