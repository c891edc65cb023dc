import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ModelFolderError } from './errors.ts';
import { readModelFile } from './model-file.ts';
import { readSafetensorsHeader, type TensorInfo } from './safetensors.ts';

/** Precision of the transformer's, VAE's and text encoder's matrix work; norms and the sampler stay float32. */
export type ComputeType = 'float32' | 'bfloat16';

/** A name that leads nowhere else. */
const SHARD = /^\w[\w.-]*\.safetensors$/;
/** A hundred bytes a tensor: some 80,000 of them. */
const MAX_INDEX_BYTES = 8 << 20;

/** Which of two published precisions. */
export type Variant = 'float32' | 'bf16';

/** Throws, or takes note. */
export type OnFault = (error: ModelFolderError) => void;

/** File name of each component's weights, without suffix; the component is the folder's name. */
export const WEIGHT_FILES = {
  transformer: 'diffusion_pytorch_model',
  vae: 'diffusion_pytorch_model',
  text_encoder: 'model',
} as const;
export type Component = keyof typeof WEIGHT_FILES;

/** What a graph asks for its weights by name and shape. */
export type TensorSource = Pick<Weights, 'get'>;

/**
 * The tensors of one component (`transformer/`, `vae/`, `text_encoder/`), found in single or sharded files. Nothing is
 * read but headers; the graphs refer to the bytes where they lie.
 */
export class Weights {
  /** What the files hold, whether a graph asks for it or not. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  private readonly where: string;
  private readonly onFault: OnFault;

  private constructor(tensors: Map<string, TensorInfo>, where: string, onFault: OnFault) {
    this.tensors = tensors;
    this.where = where;
    this.onFault = onFault;
  }

  /**
   * Finds the weights of a component. Where a folder holds both published variants, `variant` says which comes first;
   * the other is taken if the first is not there.
   *
   * @param base file name without suffix: `diffusion_pytorch_model` or `model`
   * @param onFault told of each thing that is wrong with the weights, in place of an error for the first of them; what
   * {@link get} gives is then good for the building of a graph, not for running it
   * @throws ModelFolderError when there are none, or a shard is missing
   */
  static async find(folder: string, base: string, variant: Variant, onFault: OnFault = raise): Promise<Weights> {
    const names = new Set(
      await readdir(folder).catch((error: Error) => {
        throw new ModelFolderError(`${folder}: ${error.message}`);
      }),
    );
    const candidates = {
      float32: [`${base}.safetensors.index.json`, `${base}.safetensors`],
      bf16: [`${base}.safetensors.index.bf16.json`, `${base}.bf16.safetensors.index.json`, `${base}.bf16.safetensors`],
    };
    const order =
      variant === 'bf16' ? [...candidates.bf16, ...candidates.float32] : [...candidates.float32, ...candidates.bf16];
    const found = order.find((name) => names.has(name));
    if (found === undefined) {
      throw new ModelFolderError(`${folder}: holds no weights; expected one of ${order.join(', ')}`);
    }
    const path = join(folder, found);
    if (found.endsWith('.json')) return Weights.fromIndex(path, onFault);
    return new Weights(await readSafetensorsHeader(path), path, onFault);
  }

  private static async fromIndex(index: string, onFault: OnFault): Promise<Weights> {
    let map: Record<string, string>;
    try {
      map = (
        JSON.parse((await readModelFile(index, MAX_INDEX_BYTES)).toString('utf8')) as {
          weight_map: Record<string, string>;
        }
      ).weight_map;
      if (typeof map !== 'object' || map === null) throw new Error('it has no weight_map');
      for (const [name, file] of Object.entries(map)) {
        if (typeof file !== 'string' || !SHARD.test(file)) throw new Error(`${name} is in no file beside it`);
      }
    } catch (error) {
      throw new ModelFolderError(`${index}: ${(error as Error).message}`);
    }
    const files = [...new Set(Object.values(map))];
    const headers = await Promise.all(
      files.map((file) => readSafetensorsHeader(join(dirname(index), file)).catch(onFaultOf(onFault))),
    );
    const byFile = new Map(files.map((file, i) => [file, headers[i]]));
    const tensors = new Map<string, TensorInfo>();
    for (const [name, file] of Object.entries(map)) {
      const header = byFile.get(file);
      const info = header ? header.get(name) : unknownTensor(name, index);
      if (info) tensors.set(name, info);
      else onFault(fault(join(dirname(index), file), `has no tensor ${name}, which ${index} says it holds`));
    }
    return new Weights(tensors, index, onFault);
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  /** Size of all tensors together. */
  get bytes(): number {
    return [...this.tensors.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** @throws ModelFolderError naming file, tensor, expected and found shape */
  get(name: string, shape: readonly number[]): TensorInfo {
    const info = this.tensors.get(name);
    if (info === undefined) {
      this.onFault(fault(this.where, `tensor ${name} of shape [${shape.join(', ')}] is missing`));
      return unknownTensor(name, this.where);
    }
    if (info.unknown) return info;
    if (info.shape.length !== shape.length || info.shape.some((n, i) => n !== shape[i])) {
      const found = info.shape.join(', ');
      this.onFault(fault(info.file, `tensor ${name} should have shape [${shape.join(', ')}] but has [${found}]`));
    }
    if (info.dtype !== 'F32' && info.dtype !== 'F16' && info.dtype !== 'BF16') {
      this.onFault(fault(info.file, `tensor ${name} has the type ${info.dtype}; F32, F16 and BF16 are supported`));
      return unknownTensor(name, info.file);
    }
    return info;
  }
}

/** The weights of a model folder's component that suit a precision; {@link Weights.find} says the rest. */
export function findWeights(
  dir: string,
  component: Component,
  computeType: ComputeType,
  onFault?: OnFault,
): Promise<Weights> {
  const variant = computeType === 'bfloat16' ? 'bf16' : 'float32';
  return Weights.find(join(dir, component), WEIGHT_FILES[component], variant, onFault);
}

const fault = (where: string, what: string) => new ModelFolderError(`${where}: ${what}`);

function raise(error: ModelFolderError): void {
  throw error;
}

/** Passes faults of the folder on; anything else stays an error. */
function onFaultOf(onFault: OnFault) {
  return (error: unknown) => {
    if (!(error instanceof ModelFolderError)) throw error;
    onFault(error);
    return undefined;
  };
}

/** In place of a tensor whose fault was told: a graph can be built with it, and every further fault be found. */
function unknownTensor(name: string, file: string): TensorInfo {
  return { name, file, dtype: 'F32', shape: [], offset: 0, bytes: 0, unknown: true };
}
