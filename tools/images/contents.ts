import { BUNDLE_VARIANTS } from '../../temporal/bundle.ts';
import { EXIT_CONFIG } from '../../platform/process/run-process.ts';
import type { Target } from './targets.ts';

/** What became of a process that was started from an image. */
export interface Ended {
  code: number | null;
  said: string;
}

/**
 * What an image holds, and what it must not.
 *
 * @param files paths below its folder
 * @throws Error naming what is wrong
 */
export function assertContents(target: Target, files: readonly string[]): void {
  const refuse = (what: string, found: string | undefined) => {
    if (found !== undefined) throw new Error(`${target}: holds ${what}: ${found}`);
  };
  refuse(
    'weights',
    files.find((file) => file.endsWith('.safetensors')),
  );
  refuse(
    'tests',
    files.find((file) => file.startsWith('dist/test/')),
  );
  refuse(
    'another platform',
    files.find((file) => /\.(dll|dylib)$/.test(file) && file.includes('onnxruntime')),
  );
  // Made at run time it would have to be written, which the image's file system refuses.
  const bundles = files.filter((file) => /^dist\/workflow-bundle[-a-z]*\.js$/.test(file));
  if (bundles.length !== BUNDLE_VARIANTS.length) {
    throw new Error(`${target}: has no workflow bundles but ${bundles.join(', ')}`);
  }
  const runtime = files.filter((file) => /libonnxruntime.*\.so/.test(file));
  const cuda = runtime.filter((file) => file.includes('cuda'));
  if (cuda.length !== (target === 'gpu-worker' ? 1 : 0) || runtime.length > 0 !== target.startsWith('gpu-worker')) {
    throw new Error(`${target}: ONNX Runtime's libraries there: ${runtime.join(', ') || 'none'}`);
  }
}

/** Without settings every module is loaded, and the process ends with the settings that it lacks. */
export function assertNamesLack(target: Target, { code, said }: Ended): void {
  if (code !== EXIT_CONFIG || !/SCRATCH_URL is not set/.test(said)) {
    throw new Error(`${target}: ended with ${code} in place of ${EXIT_CONFIG}:\n${said}`);
  }
}

/** Node's arguments to load a model on CUDA, in the folder of an image. */
export const loadOnCuda = (model: string): string[] => [
  '--input-type=module',
  '--eval',
  `const { Mochi } = await import('./dist/gpu-worker/families/mochi/index.js');
   await Mochi.load(${JSON.stringify(model)}, { devices: ['cuda:0'] });
   process.exit(0);`,
];

/** On a machine without CUDA the model must not load, neither on the GPU nor, silently, on the CPU. */
export function assertRefusesCuda({ code, said }: Ended): void {
  if (code === 0 || !/lib(cu\w+|onnxruntime_providers_cuda)[\w.]*\.so|CUDA failure|no CUDA-capable device/.test(said)) {
    throw new Error(`gpu-worker: loading on CUDA ended with ${code}:\n${said}`);
  }
}
