import { createHash } from 'node:crypto';
import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/client';
import { type GenerateVideoInput, REMEMBER_REQUEST, TASK_QUEUES } from '../../workflows/contract.ts';
import { ApiError, invalid } from '../errors.ts';
import type { Temporal } from '../temporal.ts';
import { isUnreadable } from './unreadable.ts';

/** Memo of the workflow that stands for a key. */
interface RequestMemo extends Record<string, unknown> {
  /** SHA-256 of the fields as the schema gives them, in its order, hex: JSON and a form that mean the same are the same. */
  fieldsHash: string;
  /** The job that the first request started, its seed drawn. */
  input: GenerateVideoInput;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * The header `Idempotency-Key`, where there is one.
 *
 * @throws ApiError `invalid_value` unless it is 1 to 255 printable ASCII characters
 */
export function idempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (/^[\x20-\x7e]{1,255}$/.test(header)) return header;
  throw invalid('Idempotency-Key', 'Idempotency-Key must be 1 to 255 printable ASCII characters, e.g. a UUID.');
}

/**
 * The job that a key stands for: `input` at its first use, what that use had asked for at every other. Kept by Temporal as
 * long as a closed workflow; exactly one of several simultaneous requests is the first.
 *
 * @param fields of the request, as they were parsed
 * @throws ApiError `idempotency_conflict` where the key was used with other fields; `encryption_key_missing`,
 *   `service_unavailable`
 */
export async function rememberedInput(
  temporal: Temporal,
  key: string,
  fields: object,
  input: GenerateVideoInput,
): Promise<GenerateVideoInput> {
  const workflowId = `idempotency_${sha256(JSON.stringify([input.accountId, key]))}`;
  const memo: RequestMemo = { fieldsHash: sha256(JSON.stringify(fields)), input };
  const first = await temporal.call(async ({ workflow }) => {
    try {
      await workflow.start(REMEMBER_REQUEST, {
        taskQueue: TASK_QUEUES.cpu,
        workflowId,
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        memo,
        staticSummary: input.videoId,
      });
      return memo;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return (await workflow.getHandle(workflowId).describe()).memo as RequestMemo;
    }
  });
  if (isUnreadable(first)) throw new ApiError('encryption_key_missing');
  if (first.fieldsHash !== memo.fieldsHash) throw new ApiError('idempotency_conflict');
  return first.input;
}
