import type { GenerateVideoInput, OtherVideo } from './video-job.ts';

/** The most videos that one request may ask for. */
export const MOST_VIDEOS = 8;

/** Id of the group whose first video has this id. */
export const groupIdOf = (firstId: string): string => firstId.replace(/^video_/, 'group_');

/** What such an id looks like. */
export const GROUP_ID = /^group_[0-9a-f]{32}$/;

/** Id of the first video of a group. */
export const firstIdOf = (groupId: string): string => groupId.replace(/^group_/, 'video_');

/**
 * The first of these jobs, with all that it takes to start the others: from its start on, the group will be there as a whole.
 *
 * @param jobs in order, at least one; alike but for what {@link OtherVideo} has. One alone is no group, and stays as it is
 */
export function firstOfGroup([first, ...jobs]: readonly [
  GenerateVideoInput,
  ...GenerateVideoInput[],
]): GenerateVideoInput {
  if (jobs.length === 0) return first;
  const others = jobs.map(({ videoId, slot, estimate, overdueAt, spec: { seed } }): OtherVideo => ({
    videoId,
    seed,
    ...(slot && { slot }),
    ...(estimate && { estimate }),
    ...(overdueAt !== undefined && { overdueAt }),
  }));
  return { ...first, group: { id: groupIdOf(first.videoId), index: 0, others } };
}

/** Ids of all videos of a group, in order, from its first one; that of a single video alone. */
export const idsOf = ({ videoId, group }: GenerateVideoInput): string[] => [
  videoId,
  ...(group?.others ?? []).map((other) => other.videoId),
];

/**
 * The jobs of the other videos of the group, in order, as they are to be started with the first one; none where it is no first
 * video, and where it is made once more: they were started then, and may have been deleted since.
 */
export function othersOf(first: GenerateVideoInput): GenerateVideoInput[] {
  if (first.earlierRuns !== undefined) return [];
  // The request stands with the first video alone, so that its key leads there.
  const { group, request: _request, slot: _slot, estimate: _estimate, overdueAt: _overdueAt, ...shared } = first;
  return (group?.others ?? []).map(({ seed, ...own }, i) => ({
    ...shared,
    ...own,
    spec: { ...first.spec, seed },
    group: { id: group!.id, index: i + 1 },
  }));
}
