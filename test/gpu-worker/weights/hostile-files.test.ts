import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkFolder } from '../../../gpu-worker/families/mochi/check-folder.ts';
import { readSafetensorsHeader } from '../../../gpu-worker/weights/safetensors.ts';
import { copyOfRandomModel } from '../../../tools/harness/model/model-folder.ts';

/** A safetensors file with that header, and eight bytes of tensors. */
function withHeader(header: string, length = Buffer.byteLength(header)): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length));
  return Buffer.concat([size, Buffer.from(header), Buffer.alloc(8)]);
}

const tensor = (entry: unknown) => withHeader(JSON.stringify({ x: entry }));

/** What a clone without Git LFS holds in place of a file. */
const POINTER = Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 41187\n`);

describe('a file of weights that was made to harm', () => {
  let folder: string;
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'kinora-hostile-'))));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each<[string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /its header would end at byte/],
    ['a header longer than any file', withHeader('{}', 2 ** 52), /its header would end at byte/],
    ['no JSON', withHeader('{"x"'), /not JSON/],
    ['null', withHeader('null'), /not an object/],
    ['a list', withHeader('[1]'), /not an object/],
    ['a tensor that is null', tensor(null), /tensor x is not described/],
    ['a tensor without a shape', tensor({ dtype: 'F32', data_offsets: [0, 8] }), /tensor x is not described/],
    ['one offset', tensor({ dtype: 'F32', shape: [2], data_offsets: [0] }), /tensor x is not described/],
    [
      'bytes before the first',
      tensor({ dtype: 'F32', shape: [2], data_offsets: [-8, 0] }),
      /tensor x is not described/,
    ],
    ['bytes beyond the last', tensor({ dtype: 'F32', shape: [2], data_offsets: [4, 12] }), /cut short/],
    ['more numbers than bytes', tensor({ dtype: 'F32', shape: [3], data_offsets: [0, 8] }), /has 8 bytes/],
    ['negative lengths', tensor({ dtype: 'F32', shape: [-1, -2], data_offsets: [0, 8] }), /tensor x is not described/],
    [
      'lengths that are text',
      tensor({ dtype: 'F32', shape: ['2'], data_offsets: [0, 8] }),
      /tensor x is not described/,
    ],
    [
      'a type of its own that ends before it begins',
      tensor({ dtype: 'toString', shape: [2], data_offsets: [8, 0] }),
      /has -8 bytes/,
    ],
    [
      'a type of its own beyond the last byte',
      tensor({ dtype: 'toString', shape: [2], data_offsets: [0, 80] }),
      /cut short/,
    ],
    ['a header that would take a gigabyte of memory', withHeader('{}'.padEnd(17 << 20)), /are not read/],
    ['a pointer of Git LFS', POINTER, /Git LFS pointer, and the 41187 bytes .*"git lfs pull".*"npm run models:pull"/],
  ])('is refused by its name: %s', async (_what, bytes, message) => {
    const file = join(folder, 'model.safetensors');
    await writeFile(file, bytes);
    const refused = await readSafetensorsHeader(file).catch((error: Error) => error);
    expect(refused).toMatchObject({ name: 'ModelFolderError', message: expect.stringMatching(message) });
    expect((refused as Error).message).toContain(file);
  });
});

describe('a model folder that was made to harm', () => {
  let dir: string;
  let remove: () => Promise<void>;
  beforeEach(async () => ({ dir, remove } = await copyOfRandomModel()));
  afterEach(() => remove());

  it.each<[string, string, string | Buffer]>([
    ['shards in other folders', 'transformer/diffusion_pytorch_model.safetensors.index.json', index('../../secret')],
    ['shards that are the folder', 'transformer/diffusion_pytorch_model.safetensors.index.json', index('..')],
    ['shards with a zero', 'transformer/diffusion_pytorch_model.safetensors.index.json', index('a\0.safetensors')],
    ['shards that are no names', 'transformer/diffusion_pytorch_model.safetensors.index.json', index(null)],
    ['an index that is null', 'transformer/diffusion_pytorch_model.safetensors.index.json', 'null'],
    ['a config that is a list', 'vae/config.json', '[]'],
    ['an empty config', 'text_encoder/config.json', ''],
    ['a config of endless layers', 'transformer/config.json', '{"num_layers":1e308}'],
    ['an index of the pipeline that is no object', 'model_index.json', '"x"'],
    ['a tokenizer that is null', 'tokenizer/tokenizer.json', 'null'],
    ['a tokenizer of other words', 'tokenizer/tokenizer.json', '{"model":{"type":"BPE"}}'],
    ['weights that are a list', 'vae/diffusion_pytorch_model.safetensors', withHeader('[]')],
    ['a config that would fill the memory', 'vae/config.json', Buffer.alloc(2 << 20, ' ')],
    ['a tokenizer that would fill the memory', 'tokenizer/tokenizer.json', Buffer.alloc(65 << 20, ' ')],
  ])('has each fault told by its file: %s', async (_what, file, content) => {
    await writeFile(join(dir, file), content);
    const faults = await checkFolder(dir);
    expect(faults.join('\n')).toContain(file);
  });
});

describe('a model folder of a clone without Git LFS', () => {
  it('is called that, file by file, with the way to what is missing', async () => {
    const { dir, remove } = await copyOfRandomModel();
    const files = [
      'vae/diffusion_pytorch_model.safetensors',
      'transformer/diffusion_pytorch_model-00001-of-00002.safetensors',
      'text_encoder/config.json',
      'tokenizer/tokenizer.json',
    ];
    for (const file of files) await writeFile(join(dir, file), POINTER);
    const faults = await checkFolder(dir);
    await remove();
    for (const file of files) {
      expect(faults).toContainEqual(expect.stringMatching(`${file}: this is a Git LFS pointer.*git lfs pull`));
    }
  });
});

function index(file: unknown): string {
  return JSON.stringify({ weight_map: { 'proj_out.weight': file } });
}
