import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { GraphBuilder } from '../../../../gpu-worker/inference/onnx/graph-builder.ts';
import { createSession, float32, runOne } from '../../../../gpu-worker/inference/onnx/session.ts';
import { ourSoftware } from '../../measure/machine.ts';
import { deviates } from '../../../harness/measure/deviates.ts';
import type { StepContext } from '../measure/step.ts';
import { seconds } from '../measure/timing.ts';

/** Libraries of which it is told where they come from: the wrong ones of two are a common fault. */
const LIBRARIES = ['cudart', 'cublas', 'cudnn', 'onnxruntime_providers_cuda'];
const run = promisify(execFile);

/** Whether ONNX Runtime's provider and cuDNN load at all, and which they are. */
export async function load({ workload: { devices, computeType }, python, report }: StepContext): Promise<void> {
  for (const [what, value] of Object.entries(ourSoftware())) await report({ what, value });
  if (devices[0] !== 'cpu') await report({ what: 'driver', value: await driver() });
  let session: Awaited<ReturnType<typeof createSession>>;
  const create = async () => {
    session = await createSession(convolution(computeType), devices[0]!, { threads: 1, convertWeightsAtLoad: true });
  };
  await report({ what: 'provider, a first session', value: await seconds(create), unit: 's' });
  const feeds = {
    x: float32(await deviates(1, 64 * 64 * 64), [1, 64, 64, 64]),
    weight: float32(await deviates(2, 64 * 64 * 9, 1 / 24), [64, 64, 3, 3]),
  };
  try {
    // The provider opens cuDNN when it is needed.
    const compute = async () => void (await runOne(session, feeds, 'y'));
    await report({ what: 'a first convolution', value: await seconds(compute), unit: 's' });
  } finally {
    for (const [what, value] of await loadedLibraries()) await report({ what, value });
    if (devices[0] !== 'cpu') {
      for (const [what, value] of await libraryVersions(python)) await report({ what, value });
    }
  }
}

function convolution(computeType: 'float32' | 'bfloat16'): Uint8Array {
  const noWeights = () => {
    throw new Error('the graph has no weights');
  };
  const b = new GraphBuilder({ get: noWeights }, computeType);
  const [x, weight] = [b.input('x', [1, 64, 64, 64]), b.input('weight', [64, 64, 3, 3])];
  b.output('y', b.op('Conv', [b.cast(x), b.cast(weight)]), [1, 64, 62, 62]);
  return b.build('convolution');
}

async function driver(): Promise<string> {
  const args = ['--query-gpu=driver_version', '--format=csv,noheader'];
  const { stdout } = await run('nvidia-smi', args, { timeout: 5_000 }).catch(() => ({ stdout: '' }));
  return stdout.trim().split('\n')[0] || 'unknown';
}

/** Which files this process has mapped. */
async function loadedLibraries(): Promise<[string, string][]> {
  const maps = await readFile('/proc/self/maps', 'utf8').catch(() => '');
  const files = [...new Set([...maps.matchAll(/\/\S+\.so\S*/g)].map(([path]) => path))];
  return LIBRARIES.flatMap((name): [string, string][] => {
    const found = files.find((path) => new RegExp(`/lib${name}\\.so`).test(path));
    return found === undefined ? [] : [[`lib${name}`, found]];
  });
}

/** As the libraries themselves say, asked through Python, which can call them. */
async function libraryVersions(python: string): Promise<[string, string][]> {
  const program = [
    'import ctypes',
    'def ask(title, library, function):',
    '    try:',
    '        value = ctypes.c_int()',
    '        getattr(ctypes.CDLL(library), function)(ctypes.byref(value))',
    '        print(f"{title}\\t{value.value // 1000}.{value.value % 1000 // 10}")',
    '    except OSError: print(f"{title}\\tunknown")',
    'ask("CUDA runtime", "libcudart.so.13", "cudaRuntimeGetVersion")',
    'ask("CUDA of the driver", "libcudart.so.13", "cudaDriverGetVersion")',
    'try:',
    '    v = ctypes.CDLL("libcudnn.so.9").cudnnGetVersion()',
    '    print(f"cuDNN\\t{v // 10000}.{v % 10000 // 100}.{v % 100}")',
    'except (OSError, AttributeError): print("cuDNN\\tunknown")',
  ].join('\n');
  const { stdout } = await run(python, ['-c', program], { timeout: 20_000 }).catch(() => ({ stdout: '' }));
  if (stdout === '') return [['cuDNN', 'unknown']];
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split('\t') as [string, string]);
}
