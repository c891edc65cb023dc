import { readConfig } from '../../../../gpu-worker/families/mochi/config/config.ts';
import { latentShape } from '../../../../gpu-worker/families/mochi/params.ts';
import { THREADS } from '../../measure/benchmark.ts';
import type { AttentionTimes } from '../../programs/attention.ts';
import { runProgram } from '../measure/program.ts';
import { modelFolder } from '../measure/model.ts';
import type { StepContext } from '../measure/step.ts';
import { describeClip } from '../measure/workload.ts';

const OPERATORS = { contrib: 'MultiHeadAttention', standard: 'Attention' } as const;

/** One node of attention as a block of the transformer has it, with either operator. */
export async function attention(context: StepContext): Promise<void> {
  const { workload, runs, report } = context;
  const { devices, computeType, short, tokens } = workload;
  const config = await readConfig(await modelFolder(context, ['transformer']));
  const { num_attention_heads: heads, attention_head_dim: width, patch_size: patch } = config.transformer;
  const { T, h, w } = latentShape(config, short);
  const rows = (T * h * w) / patch ** 2 + tokens;
  await report({ what: `tokens of ${describeClip(short)}`, value: rows });
  const faults: string[] = [];
  for (const [kernel, operator] of Object.entries(OPERATORS)) {
    const args = [devices[0]!, computeType, kernel, rows, heads, width, THREADS, runs].map(String);
    try {
      const { result, said } = await runProgram('attention', args, { ORT_ENABLE_ATTENTION_KERNEL_DEBUG_INFO: '1' });
      const { seconds, operations } = result as AttentionTimes;
      await report({ what: `${operator}, kernel`, value: kernelOf(said) });
      await report({ what: operator, value: 1000 * seconds, unit: 'ms' });
      await report({ what: operator, value: operations / seconds / 1e12, unit: 'TFLOP/s' });
    } catch (error) {
      // The other one is worth knowing all the same.
      await report({ what: operator, value: 'failed', pass: false });
      faults.push(`${operator}: ${(error as Error).message}`);
    }
  }
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

/** The kernel that ONNX Runtime says it has taken; `unknown` where it says nothing. */
export function kernelOf(said: string): string {
  const [, named] = /SdpaKernel=(\w+)/.exec(said) ?? [];
  return named ?? 'unknown';
}
