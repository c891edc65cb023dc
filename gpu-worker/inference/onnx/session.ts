import * as ort from 'onnxruntime-node';

/** The one module that knows onnxruntime; loaded in inference processes only, because its runs block their thread. */

export interface SessionOptions {
  /** CPU threads of one run. */
  threads: number;
  /**
   * Whether weights stored in another type than the graph computes in are converted once, at load (true, costs memory),
   * or at every run (false).
   */
  convertWeightsAtLoad: boolean;
  /**
   * Whether the CPU keeps copies of matrices in the order in which its products read them. Without, weights stay where
   * the file is mapped. @default false
   */
  prepack?: boolean;
  /** Whether the runtime tells on standard error what it does, e.g. where each node is placed. @default false */
  verbose?: boolean;
  /** Beginning of the path of a file where the runtime notes what each operator took, when `endProfiling` is called. */
  profile?: string;
}

/** Execution provider of a device name: `cpu`, `cuda` or `cuda:N`. */
function executionProvider(device: string): ort.InferenceSession.ExecutionProviderConfig {
  if (device === 'cpu') return { name: 'cpu' };
  const match = /^cuda(?::(\d+))?$/.exec(device);
  if (match === null) throw new Error(`unknown device "${device}": use cpu or cuda:0, cuda:1, …`);
  return { name: 'cuda', deviceId: Number(match[1] ?? 0) };
}

/**
 * Makes a session of a graph whose weights lie in files below the root folder.
 *
 * On CUDA a node without a CUDA kernel is an error, not a silent trip to the CPU.
 */
export async function createSession(
  graph: Uint8Array,
  device: string,
  { threads, convertWeightsAtLoad, prepack = false, verbose = false, profile }: SessionOptions,
): Promise<ort.InferenceSession> {
  const cuda = device !== 'cpu';
  return ort.InferenceSession.create(graph, {
    executionProviders: [executionProvider(device)],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: verbose ? 0 : 3,
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    extra: {
      session: {
        model_external_initializers_file_folder_path: '/',
        ...(cuda
          ? { disable_cpu_ep_fallback: '1', use_device_allocator_for_initializers: '1' }
          : { disable_prepacking: prepack ? '0' : '1' }),
        // Idle threads must sleep, not spin: the other device's process and the host need the cores.
        intra_op: { allow_spinning: '0' },
      },
      ...(convertWeightsAtLoad ? {} : { optimization: { disable_specified_optimizers: 'ConstantFolding' } }),
    },
  });
}

/** A float32 tensor. */
export function float32(data: Float32Array, dims: readonly number[]): ort.Tensor {
  return new ort.Tensor('float32', data, dims);
}

export function int64(data: BigInt64Array, dims: readonly number[]): ort.Tensor {
  return new ort.Tensor('int64', data, dims);
}

/** Runs a session that has one output and gives its float32 values. */
export async function runOne(
  session: ort.InferenceSession,
  feeds: Record<string, ort.Tensor>,
  output: string,
): Promise<Float32Array> {
  const results = await session.run(feeds, [output]);
  return results[output]!.data as Float32Array;
}
