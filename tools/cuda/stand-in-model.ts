import { mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readConfig } from '../../gpu-worker/families/mochi/config/config.ts';
import { ModelGraphs } from '../../gpu-worker/families/mochi/graphs/model-graphs.ts';
import type { TensorInfo } from '../../gpu-worker/weights/safetensors.ts';
import { type Component, WEIGHT_FILES } from '../../gpu-worker/weights/weights.ts';
import { deviates, PERIOD } from '../harness/measure/deviates.ts';
import { elements } from './graph-shapes.ts';

/**
 * Where the stand-in weights get their bytes from. `none`: every tensor has its place in a file without content, which
 * takes no space on disk. `random`: all tensors are windows on one stretch of normal deviates of that standard
 * deviation, as large as the largest of them, which is made in a second or two.
 */
export type Filling = 'none' | { random: number };

const BYTES = 2; // bfloat16, as published
const COMPONENTS = Object.keys(WEIGHT_FILES) as Component[];
/** Windows begin at multiples of this many elements, so that no two neighbours in the graph are the same matrix. */
const WINDOW_STEP = 64;

/**
 * Writes a model folder of a configuration, with weights that have its shapes, bfloat16, and mean nothing. It has no
 * tokenizer and no scheduler. Which tensors there are is what the graphs ask for.
 *
 * @param configs by path in the folder, see MOCHI_1
 */
export async function writeStandInModel(
  dir: string,
  configs: Readonly<Record<string, object>>,
  filling: Filling,
): Promise<void> {
  for (const [path, config] of Object.entries(configs)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), JSON.stringify(config));
  }
  const shapes = await wantedTensors(dir);
  for (const component of COMPONENTS) {
    await writeWeights(join(dir, component, `${WEIGHT_FILES[component]}.safetensors`), shapes[component], filling);
  }
}

type Shapes = Map<string, readonly number[]>;

/** Name and shape of every tensor that a graph asks for. */
async function wantedTensors(dir: string): Promise<Record<Component, Shapes>> {
  const shapes = { transformer: new Map(), vae: new Map(), text_encoder: new Map() } as Record<Component, Shapes>;
  const get = (component: Component) => (name: string, shape: readonly number[]) => {
    shapes[component].set(name, shape);
    return { name, file: dir, dtype: 'BF16', shape: [...shape], offset: 0, bytes: 0 } satisfies TensorInfo;
  };
  const options = { device: 'cuda:0', computeType: 'bfloat16' } as const;
  const graphs = new ModelGraphs(await readConfig(dir), options, (component) => ({ get: get(component), bytes: 0 }));
  await Promise.all([graphs.transformer(), graphs.conditioning(), graphs.vae(), graphs.textEncoder()]);
  return shapes;
}

async function writeWeights(file: string, shapes: Shapes, filling: Filling): Promise<void> {
  const sizes = new Map([...shapes].map(([name, shape]) => [name, elements(shape) * BYTES]));
  const largest = Math.max(...sizes.values());
  const header: Record<string, object> = {};
  let end = 0;
  for (const [name, bytes] of sizes) {
    const begin = filling === 'none' ? end : (Object.keys(header).length % 64) * WINDOW_STEP * BYTES;
    header[name] = { dtype: 'BF16', shape: shapes.get(name), data_offsets: [begin, begin + bytes] };
    end = filling === 'none' ? begin + bytes : largest + 64 * WINDOW_STEP * BYTES;
  }
  const json = Buffer.from(JSON.stringify(header));
  // The bytes of a weight must begin where its kernels like them to.
  const text = Buffer.concat([json, Buffer.alloc((256 - ((8 + json.length) % 256)) % 256, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));

  const handle = await open(file, 'w');
  try {
    await handle.write(Buffer.concat([length, text]));
    if (filling === 'none') await handle.truncate(8 + text.length + end);
    else for await (const part of halves(end / BYTES, filling.random)) await handle.write(part);
  } finally {
    await handle.close();
  }
}

/** Normal deviates as bfloat16, the same in every run; they repeat as {@link deviates} do, so that gigabytes take seconds. */
async function* halves(count: number, deviation: number): AsyncGenerator<Uint8Array, void, void> {
  const floats = await deviates(1, Math.min(count, PERIOD), deviation);
  const words = new Uint16Array(floats.buffer);
  // Little-endian: the upper half of a float32 is the bfloat16.
  const block = Uint16Array.from(floats, (_, i) => words[2 * i + 1]!);
  for (let left = count; left > 0; left -= block.length) {
    const part = block.subarray(0, Math.min(left, block.length));
    yield new Uint8Array(part.buffer, 0, part.byteLength);
  }
}
