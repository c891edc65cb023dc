import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layOut, pack } from '../../../tools/bench/gpu/bundle/bundle.ts';
import { blankOtherArchitectures } from '../../../tools/bench/gpu/bundle/fat-binaries.ts';
import { Command } from '../../support/command.ts';

const run = promisify(execFile);
const PIECE_BYTES = 20_000_000;

describe('the GPU benchmark in pieces', () => {
  let folder: string;
  let pieces: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kinora-bundle-test-'));
    pieces = join(folder, 'pieces');
    await layOut(join(folder, 'layout'), null, 90);
    await mkdir(pieces);
    await writeFile(join(pieces, 'bundle.tar.gz.99'), 'of an earlier bundle');
    await pack(join(folder, 'layout'), pieces, PIECE_BYTES);
    await rm(join(folder, 'layout'), { recursive: true });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Starts the script on a machine that has a shell, tar and the like, and nothing else. */
  async function start(...args: string[]) {
    const programs = join(folder, 'bin');
    await mkdir(programs, { recursive: true });
    for (const name of ['cat', 'dirname', 'gzip', 'mkdir', 'sha256sum', 'tar']) {
      const { stdout } = await run('sh', ['-c', `command -v ${name}`]);
      await symlink(stdout.trim(), join(programs, name)).catch(() => {});
    }
    const env = { PATH: programs, TMPDIR: folder, HOME: folder };
    return run('/bin/sh', [join(pieces, 'run.sh'), ...args], { env, cwd: folder }).catch(
      (error: { stdout: string; stderr: string }) => error,
    );
  }

  it('are small enough to be carried one by one, and run on a machine without Node and network', async () => {
    const sizes = (await readdir(pieces)).map(async (name) => (await stat(join(pieces, name))).size);
    expect(Math.max(...(await Promise.all(sizes)))).toBeLessThanOrEqual(PIECE_BYTES);
    expect(await readdir(pieces)).not.toContain('bundle.tar.gz.99');

    const { stdout, stderr } = await start('--cpu', '--only', 'load,attention,parity,gemm,video', '--runs', '1');
    expect(stderr).not.toMatch(/failed|stopped/);
    expect(stdout).toMatch(/^load: ONNX Runtime +\d/m);
    expect(stdout).toMatch(/^parity: float32 against diffusers' own outputs +\d+ passed +pass/m);
    expect(stdout).toMatch(/^video: a video, /m);
    expect((await start('--print', 'bench-gpu.jsonl')).stdout).toBe(stdout);
  });

  it('are refused where one of them was damaged on the way', async () => {
    await rm(join(folder, 'kinora-bench-gpu'), { recursive: true });
    const piece = join(pieces, 'bundle.tar.gz.02');
    const bytes = await readFile(piece);
    bytes[1000] = bytes[1000]! ^ 1;
    await writeFile(piece, bytes);
    const { stdout, stderr } = await start('--cpu', '--only', 'load');
    expect(stdout + stderr).toMatch(/bundle\.tar\.gz\.02: FAILED/);
    expect(await readdir(folder)).not.toContain('kinora-bench-gpu');
  });

  it('are asked for with a GPU that can be read', async () => {
    const command = new Command('tools/bench/gpu/bundle/command.js', [pieces, '--arch', 'hopper'], {});
    expect(await command.ended()).toBe(1);
    expect(command.output).toMatch(/^--arch is "hopper": give e\.g\. sm_90[^]*--download/);
  });
});

describe('a library with code for several GPUs', () => {
  it('keeps that of one and its own headers, and all of a part that has none for it', () => {
    const [a, b] = [container([75, 90, 120]), container([75, 80])];
    const library = elf('.nv_fatbin', Buffer.concat([a, Buffer.alloc(8), b]));
    const before = Buffer.from(library);
    const { bytes, blanked } = blankOtherArchitectures(library, 90);
    expect([...bytes]).toEqual([
      [75, 2 * CODE],
      [90, CODE],
      [120, CODE],
      [80, CODE],
    ]);
    expect(blanked).toBe(2 * CODE);
    const codeOf = (from: Buffer, arch: number) => from.indexOf(Buffer.alloc(CODE, arch));
    expect(codeOf(library, 90)).toBe(codeOf(before, 90));
    expect(codeOf(library, 120)).toBe(-1);
    expect(codeOf(library, 80)).toBe(codeOf(before, 80));
    // Only the second part's is left.
    expect(codeOf(library, 75)).toBe(before.lastIndexOf(Buffer.alloc(CODE, 75)));
    expect(library.length).toBe(before.length);
    expect(library.equals(before)).toBe(false);
  });

  it('is refused, not damaged, where it is laid out in another way', () => {
    expect(() => blankOtherArchitectures(Buffer.alloc(100), 90)).toThrow(/no ELF library/);
    const torn = elf('.nv_fatbin', container([75, 90]).subarray(0, -8));
    expect(() => blankOtherArchitectures(torn, 90)).toThrow(/longer than its section/);
    const other = elf('.text', container([75, 90]));
    expect(blankOtherArchitectures(other, 90).blanked).toBe(0);
  });
});

const CODE = 64;

/** Code for several architectures as CUDA's compiler lays it out, each filled with its own number. */
function container(archs: number[]): Buffer {
  const entries = archs.map((arch) => {
    const header = Buffer.alloc(64);
    header.writeUInt16LE(2, 0);
    header.writeUInt32LE(64, 4);
    header.writeBigUInt64LE(BigInt(CODE), 8);
    header.writeUInt32LE(arch, 28);
    return Buffer.concat([header, Buffer.alloc(CODE, arch)]);
  });
  const body = Buffer.concat(entries);
  const head = Buffer.alloc(16);
  head.writeUInt32LE(0xba55ed50, 0);
  head.writeUInt16LE(1, 4);
  head.writeUInt16LE(16, 6);
  head.writeBigUInt64LE(BigInt(body.length), 8);
  return Buffer.concat([head, body]);
}

/** An ELF file of one section and its name. */
function elf(section: string, content: Buffer): Buffer {
  const names = Buffer.from(`\0${section}\0`);
  const header = Buffer.alloc(64);
  header.write('\x7fELF', 'latin1');
  header[4] = 2;
  header[5] = 1;
  const table = 64 + content.length + names.length;
  header.writeBigUInt64LE(BigInt(table), 0x28);
  header.writeUInt16LE(64, 0x3a);
  header.writeUInt16LE(2, 0x3c);
  header.writeUInt16LE(1, 0x3e);
  const entry = (name: number, offset: number, size: number) => {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32LE(name, 0);
    bytes.writeBigUInt64LE(BigInt(offset), 0x18);
    bytes.writeBigUInt64LE(BigInt(size), 0x20);
    return bytes;
  };
  const sections = [entry(1, 64, content.length), entry(0, 64 + content.length, names.length)];
  return Buffer.concat([header, content, names, ...sections]);
}
