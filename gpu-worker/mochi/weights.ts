import { readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ModelFolderError } from './errors.ts';
import { readSafetensorsHeader, type TensorInfo } from './safetensors.ts';

/**
 * The tensors of one component (`transformer/`, `vae/`, `text_encoder/`), found in single or sharded files. Nothing is
 * read but headers; the graphs refer to the bytes where they lie.
 */
export class Weights {
  private readonly tensors: Map<string, TensorInfo>;
  private readonly where: string;

  private constructor(tensors: Map<string, TensorInfo>, where: string) {
    this.tensors = tensors;
    this.where = where;
  }

  /**
   * Finds the weights of a component. Where a folder holds both published variants, `variant` says which comes first;
   * the other is taken if the first is not there.
   *
   * @param base file name without suffix: `diffusion_pytorch_model` or `model`
   * @throws ModelFolderError when there are none, or a shard is missing
   */
  static async find(folder: string, base: string, variant: 'float32' | 'bf16'): Promise<Weights> {
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
    if (found.endsWith('.json')) return Weights.fromIndex(path);
    return new Weights(await readSafetensorsHeader(path), path);
  }

  private static async fromIndex(index: string): Promise<Weights> {
    let map: Record<string, string>;
    try {
      map = (JSON.parse(await readFile(index, 'utf8')) as { weight_map: Record<string, string> }).weight_map;
      if (typeof map !== 'object' || map === null) throw new Error('it has no weight_map');
    } catch (error) {
      throw new ModelFolderError(`${index}: ${(error as Error).message}`);
    }
    const files = [...new Set(Object.values(map))];
    const headers = await Promise.all(files.map((file) => readSafetensorsHeader(join(dirname(index), file))));
    const byFile = new Map(files.map((file, i) => [file, headers[i]!]));
    const tensors = new Map<string, TensorInfo>();
    for (const [name, file] of Object.entries(map)) {
      const info = byFile.get(file)!.get(name);
      if (info === undefined)
        throw new ModelFolderError(
          `${join(dirname(index), file)}: has no tensor ${name}, which ${index} says it holds`,
        );
      tensors.set(name, info);
    }
    return new Weights(tensors, index);
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  /** @throws ModelFolderError naming file, tensor, expected and found shape */
  get(name: string, shape: readonly number[]): TensorInfo {
    const info = this.tensors.get(name);
    if (info === undefined)
      throw new ModelFolderError(`${this.where}: tensor ${name} of shape [${shape.join(', ')}] is missing`);
    if (info.shape.length !== shape.length || info.shape.some((n, i) => n !== shape[i])) {
      throw new ModelFolderError(
        `${info.file}: tensor ${name} should have shape [${shape.join(', ')}] but has [${info.shape.join(', ')}]`,
      );
    }
    if (info.dtype !== 'F32' && info.dtype !== 'F16' && info.dtype !== 'BF16') {
      throw new ModelFolderError(
        `${info.file}: tensor ${name} has the type ${info.dtype}; F32, F16 and BF16 are supported`,
      );
    }
    return info;
  }
}
