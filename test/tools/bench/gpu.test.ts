import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CUDA_PROVIDER } from '../../../tools/cuda/provider.ts';
import { appendRecord, type BenchRecord, readRuns } from '../../../tools/bench/gpu/records.ts';
import { formatRun, sound } from '../../../tools/bench/gpu/report.ts';
import { kernelOf } from '../../../tools/bench/gpu/steps/attention.ts';
import { STEPS } from '../../../tools/bench/gpu/steps/index.ts';
import { relativeDifference } from '../../../tools/bench/gpu/steps/parity.ts';
import { until } from '../../../tools/harness/patience.ts';
import { Command, processesWith } from '../../support/command.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kinora-bench-gpu-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the benchmark to its end, and reads what it left. */
async function bench(args: string[], env: Record<string, string> = {}) {
  const out = join(folder, `${randomUUID()}.jsonl`);
  const command = new Command('tools/bench/gpu/command.js', [...args, '--out', out], env);
  const code = await command.ended();
  const records = (await readFile(out, 'utf8').catch(() => ''))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as BenchRecord);
  const ends = records.flatMap((record) => (record.kind === 'end' ? [[record.step, record.outcome]] : []));
  return { code, records, ends, out, output: command.output };
}

describe('a user who takes the GPU benchmark to a machine with GPUs', () => {
  it('does not find there that a step breaks off: all of them run on the CPU, small, in the order that decides most', async () => {
    // Named, they are not hurried on a busy machine.
    const all = STEPS.map(({ id }) => id).join();
    const args = ['--cpu', '--runs', '1', '--python', 'no-python', '--only', all];
    const { code, records, ends, out, output } = await bench(args);
    expect(ends).toEqual(STEPS.map(({ id }) => [id, 'done']));
    expect(code).toBe(0);
    const figures = records.filter((record) => record.kind === 'figure');
    expect([...new Set(figures.map(({ step }) => step))]).toEqual(STEPS.map(({ id }) => id));
    for (const { value } of figures) expect(typeof value === 'string' || Number.isFinite(value)).toBe(true);
    for (const operator of ['MultiHeadAttention', 'Attention']) {
      expect(output).toMatch(new RegExp(`^attention: ${operator} +\\S+ TFLOP/s`, 'm'));
    }
    expect(output).toMatch(/^pass-85: a pass, 7 frames of 64x48, of plain matrix products +\S+ %/m);
    expect(output).toMatch(/^video: a video, 7 frames of 64x48, 2 steps +\S+ s +pass/m);

    const again = new Command('tools/bench/gpu/command.js', ['--print', out], {});
    expect(await again.ended()).toBe(0);
    expect(output.endsWith(again.output)).toBe(true);
  });

  it('has the figures of what ran and the names of what was not reached when the time is over, and no process is left', async () => {
    const mark = randomUUID();
    // Only what an inference process is given as well can mark it.
    const { code, ends, output } = await bench(['--cpu', '--budget-s', '2', '--only', 'parity,video'], {
      ORT_KINORA_MARK: mark,
    });
    expect(ends).toEqual([
      ['parity', 'stopped'],
      ['video', 'left out'],
    ]);
    expect(code).toBe(0);
    expect(output).toMatch(/^parity: stopped after \S+ s: not done in \d s$/m);
    expect(output).toMatch(/^video: left out: the time was over$/m);
    expect(await processesWith(mark)).toEqual([]);
  });

  it('does not lose the time that is left to a step that would not fit', async () => {
    const { code, ends, output } = await bench(['--cpu', '--budget-s', '5']);
    expect(ends.map(([step]) => step)).toEqual(STEPS.map(({ id }) => id));
    expect(code).toBe(0);
    expect(ends).toContainEqual(['video', 'left out']);
    expect(output).toMatch(/^video: left out: (it needs some \d+ s, and \d s were left|the time was over)$/m);
  });

  it('is told of guided steps too where there are two devices', async () => {
    const { code, output } = await bench(['--cpu', '--devices', 'cpu,cpu', '--only', 'pass-85', '--runs', '1']);
    expect(code).toBe(0);
    expect(output).toMatch(/^pass-85: a guided step on two devices, 7 frames of 64x48 +\S+ s/m);
  });

  it('sees what there is when it is told to end early, and that there could be more', async () => {
    const out = join(folder, 'early.jsonl');
    const command = new Command('tools/bench/gpu/command.js', ['--cpu', '--out', out], {});
    await until(() => /^load: done$/m.test(command.output), 'the first step is done');
    command.kill('SIGTERM');
    expect(await command.ended()).toBe(1);
    expect(command.output).toMatch(/^load: ONNX Runtime +\d/m);
    expect(command.output).toMatch(/^video: left out: interrupted$/m);
  });

  it('gets what can be had where the CUDA provider does not load, and is told why of each step that failed', async () => {
    const [cache, libraries] = [join(folder, 'cache'), join(folder, 'libraries')];
    const version = /onnxruntime-gpu==(\S+)/.exec(await readFile('k8s/images/cuda-provider.txt', 'utf8'))![1]!;
    for (const path of [join(cache, 'cuda-provider', version), join(libraries, 'nvidia/cudnn/lib')]) {
      await mkdir(path, { recursive: true });
    }
    await writeFile(join(cache, 'cuda-provider', version, CUDA_PROVIDER), 'no library');
    await writeFile(join(libraries, 'nvidia/cudnn/lib/libcudnn.so.9'), 'no library');
    const args = ['--devices', 'cuda:0', '--only', 'load,gemm', '--library-path', libraries];
    const { code, records, ends, output } = await bench(args, { KINORA_CACHE: cache });
    expect(ends).toEqual([
      ['load', 'failed'],
      ['gemm', 'failed'],
    ]);
    expect(code).toBe(1);
    expect(records).toContainEqual(expect.objectContaining({ kind: 'figure', step: 'load', what: 'ONNX Runtime' }));
    expect(output).toMatch(/^load: failed after \S+ s: \S/m);

    const nothing = await bench(['--devices', 'cuda:0', '--library-path', cache], { KINORA_CACHE: cache });
    expect(nothing.output).toMatch(/^--library-path: neither .* nor a folder below it holds any of libcudart\.so/m);
  });

  it('is told what is wrong with an argument, and what there is', async () => {
    const wrong = async (...args: string[]) => (await bench(args)).output;
    expect(await wrong('--only', 'pass-99')).toMatch(
      /^--only: there is no step "pass-99"[^]*pass-85[^]*--library-path/,
    );
    expect(await wrong('--budget-s', 'ten')).toMatch(/^--budget-s is "ten": give a whole number/);
    expect(await wrong('--devices', 'cuda:0,gpu')).toMatch(/^--devices is "cuda:0,gpu": give one or two of cuda:0/);
    expect(await wrong('--print', join(folder, 'none'))).toMatch(/none cannot be read/);
  });
});

describe('the results of a run that was broken off', () => {
  const begin: BenchRecord = {
    kind: 'begin',
    date: '2026-01-02T03:04',
    devices: ['cuda:0'],
    gpus: ['NVIDIA H200'],
    software: {},
    budgetS: 540,
    steps: ['load', 'pass-85', 'gemm', 'video'],
  };
  const pass: BenchRecord = { kind: 'figure', step: 'pass-85', what: 'a pass', value: 400, unit: 'TFLOP/s' };

  it('are printed as far as they came, with a line that was cut short left out', async () => {
    const file = join(folder, 'torn.jsonl');
    appendRecord(file, begin);
    appendRecord(file, { kind: 'end', step: 'load', outcome: 'failed', seconds: 3, why: 'no cuDNN' });
    appendRecord(file, pass);
    appendRecord(file, { kind: 'figure', step: 'gemm', what: 'products', value: 800, unit: 'TFLOP/s' });
    await appendFile(file, '{"kind":"figure","step":"vi');
    const [run] = await readRuns(file);
    const printed = formatRun(run!);
    expect(printed).toMatch(/^pass-85: a pass, of plain matrix products +50\.0 %$/m);
    expect(printed).toMatch(/^load: failed after 3\.0 s: no cuDNN$/m);
    expect(printed).toMatch(/^video: not reached$/m);
    expect(sound(run!)).toBe(false);
  });

  it('are not called good where a GPU computes something else', () => {
    const expected = Float32Array.of(3, 4);
    expect(relativeDifference(Float32Array.of(3, 5), expected)).toBeCloseTo(0.2);
    expect(relativeDifference(Float32Array.of(3), expected)).toBeNaN();
    expect(relativeDifference(Float32Array.of(3, Infinity), expected)).toBeNaN();
    expect(sound([begin, pass])).toBe(true);
    expect(sound([begin, { kind: 'figure', step: 'parity', what: 'velocity', value: 0.2, pass: false }])).toBe(false);
  });

  it('name the kernel of attention only where ONNX Runtime does', () => {
    expect(kernelOf('Operator=MultiHeadAttention DataType=bf16 SdpaKernel=CUDNN_FLASH_ATTENTION')).toBe(
      'CUDNN_FLASH_ATTENTION',
    );
    expect(kernelOf('nothing of the kind')).toBe('unknown');
  });
});
