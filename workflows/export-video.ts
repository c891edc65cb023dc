import { proxyActivities } from '@temporalio/workflow';
import type { ExportActivities } from '../contract/activities.ts';
import type { ExportInput } from '../contract/exports.ts';
import type { StoredFile } from '../contract/results.ts';
import { POLICIES } from './policies.ts';

const { makeExport } = proxyActivities<ExportActivities>(POLICIES.makeExport);

/** Makes another form of a finished video. It is no video: it has no search attributes, and no list or limit counts it. */
export async function exportVideo(input: ExportInput): Promise<StoredFile> {
  return await makeExport.executeWithOptions({ summary: `${input.numFrames} frames to ${input.variant}` }, [input]);
}
