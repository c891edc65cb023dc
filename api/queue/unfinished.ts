import { setImmediate } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { decodeMapFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { defaultPayloadConverter } from '@temporalio/common';
import { tsToMs } from '@temporalio/common/lib/time.js';
import type { temporal } from '@temporalio/proto';
import type { GenerateVideoInput, Stage, VideoMemo } from '../../contract/video-job.ts';
import { GENERATE_VIDEO } from '../../contract/names.ts';
import { STAGE } from '../../temporal/start-video.ts';
import { isUnreadable } from '../jobs/job-state.ts';

/** A job whose workflow runs. */
export interface UnfinishedJob {
  runId: string;
  /** Without its texts. */
  input: GenerateVideoInput;
  /** `generating` from the moment that it waits for a GPU. */
  stage: Stage;
  /** When this run was started, ms since 1970. */
  since: number;
}

type Info = temporal.api.workflow.v1.IWorkflowExecutionInfo;

const QUERY = `WorkflowType = "${GENERATE_VIDEO}" AND ExecutionStatus = "Running" AND Stage != "deleted"`;
/** Jobs that Temporal lists in one go: few searches, and requests are answered in between. */
export const PAGE = 500;
/** New jobs whose input is decoded in one go: requests are answered in between. */
const DECODED_AT_ONCE = 20;

/** All unfinished jobs, of every account. What was asked for never changes: it is read once for each run. */
export class UnfinishedJobs {
  #inputs = new Map<string, GenerateVideoInput>();

  /** In no order. */
  async list(client: Client): Promise<UnfinishedJob[]> {
    const found: UnfinishedJob[] = [];
    const inputs = new Map<string, GenerateVideoInput>();
    let decoded = 0;
    for await (const page of pages(client)) {
      for (const info of page) {
        const runId = info.execution!.runId!;
        // What has ended may still have a webhook to deliver.
        if (isEnded(info)) continue;
        let input: GenerateVideoInput | null | undefined = this.#inputs.get(runId);
        if (input === undefined) {
          input = await inputOf(client, info);
          if (++decoded % DECODED_AT_ONCE === 0) await setImmediate();
        }
        if (input === null) continue;
        inputs.set(runId, input);
        found.push({ runId, input, stage: stageOf(info), since: tsToMs(info.startTime) });
      }
      await setImmediate();
    }
    this.#inputs = inputs;
    return found;
  }
}

async function* pages({ workflowService, options: { namespace } }: Client): AsyncGenerator<Info[]> {
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await workflowService.listWorkflowExecutions({
      namespace,
      query: QUERY,
      pageSize: PAGE,
      ...(nextPageToken && { nextPageToken }),
    });
    yield page.executions;
    ({ nextPageToken } = page);
  } while (nextPageToken?.length);
}

const isEnded = ({ memo }: Info) => memo?.fields?.['result'] !== undefined || memo?.fields?.['failure'] !== undefined;

function stageOf({ searchAttributes }: Info): Stage {
  const stage = searchAttributes?.indexedFields?.[STAGE.name];
  return stage ? defaultPayloadConverter.fromPayload(stage) : 'queued';
}

/** Null where there is none, or it cannot be decrypted here. */
async function inputOf({ options }: Client, { memo }: Info): Promise<GenerateVideoInput | null> {
  const known = (await decodeMapFromPayloads(options.loadedDataConverter, memo?.fields)) as VideoMemo | undefined;
  if (known?.input === undefined || isUnreadable(known)) return null;
  // A long line is remembered whole: its texts would take megabytes, and decide nothing.
  const { originalPrompt: _original, ...input } = known.input;
  return { ...input, spec: { ...input.spec, prompt: '', negativePrompt: '' }, warnings: [] };
}
