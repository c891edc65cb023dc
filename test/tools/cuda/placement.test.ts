import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { RunCosts } from '../../../tools/cuda/device-memory.ts';
import { type Placed, parsePlacementLog } from '../../../tools/cuda/placement-log.ts';
import { type ClipMemory, CONTROL, faultsOf, formatClips, formatPlacement } from '../../../tools/cuda/report.ts';
import { importedSymbols, restOf } from '../../../tools/cuda/stub-libraries.ts';
import { Command } from '../../support/command.ts';

const LOG = `place begin transformer
stub-cuda malloc 0 1000000000 0x10
stub-cuda malloc 0 512 0x20
2026-11-21 [V:onnxruntime:, session_state.cc:1380 Verify]  All nodes placed on [CUDAExecutionProvider]. Number of nodes: 12
place placed transformer
place begin VAE decoder
stub-cuda free 0x20
stub-cuda malloc 0 2000000000 0x30
2026-11-21 [V:onnxruntime:, session_state.cc:1380 Verify]  Node(s) placed on [CUDAExecutionProvider]. Number of nodes: 7
2026-11-21 [V:onnxruntime:, session_state.cc:1380 Verify]  Node(s) placed on [CPUExecutionProvider]. Number of nodes: 2
place refused VAE decoder: nodes are assigned to the default CPU EP
place begin ${CONTROL}
place refused ${CONTROL}: nodes are assigned to the default CPU EP
place end
`;

const good: Placed[] = [
  { name: 'transformer', nodes: { CUDAExecutionProvider: 12 }, bytes: 1e9 },
  { name: CONTROL, nodes: {}, bytes: 0, refused: 'no kernel' },
];
const run = { nodes: 1, peakBytes: 2e9, peakAt: 'Add', operations: 3e12, outputs: {} };
const costs: RunCosts = { transformer: run, conditioning: run, textEncoder: run, vae: run };
const clip: ClipMemory = { clip: { width: 848, height: 480, numFrames: 163 }, costs, activations: 16e9, total: 48e9 };

describe('an operator who asks whether Mochi 1 would run on the GPU', () => {
  it('is told of every component where its nodes are, what memory it keeps, and why it was refused', () => {
    expect(parsePlacementLog(LOG)).toEqual([
      { name: 'transformer', nodes: { CUDAExecutionProvider: 12 }, bytes: 1e9 },
      {
        name: 'VAE decoder',
        nodes: { CUDAExecutionProvider: 7, CPUExecutionProvider: 2 },
        bytes: 2e9,
        refused: 'nodes are assigned to the default CPU EP',
      },
      { name: CONTROL, nodes: {}, bytes: 0, refused: 'nodes are assigned to the default CPU EP' },
    ]);
    const printed = formatPlacement(parsePlacementLog(LOG));
    expect(printed).toMatch(/^transformer +12 of 12 +1\.00 GB$/m);
    expect(printed).toMatch(/^VAE decoder +refused +2\.00 GB$/m);
    expect(printed).toMatch(/^all +3\.00 GB$/m);
    expect(printed).not.toContain(CONTROL);
  });

  it('is not told that all is well when the placement died half way', () => {
    expect(() => parsePlacementLog(LOG.replace('place end\n', 'Segmentation fault'))).toThrow(/broke off:[^]*fault/);
  });

  it('gets no fault for a model that is on CUDA and fits, and one sentence for whatever is not so', () => {
    expect(faultsOf(good, [clip])).toEqual([]);
    expect(faultsOf(parsePlacementLog(LOG), [])).toEqual([
      'VAE decoder: 2 nodes are placed on CPUExecutionProvider',
      'VAE decoder: nodes are assigned to the default CPU EP',
    ]);
    expect(faultsOf([{ name: 'transformer', nodes: {}, bytes: 0 }, good[1]!], [])).toEqual([
      'transformer: no node is placed on CUDA',
    ]);
    expect(faultsOf(good, [{ ...clip, total: 80.1e9 }])).toEqual([
      '163 frames of 848x480, tiled needs 80.10 GB of 80 GB',
    ]);
    expect(formatClips([clip, { ...clip, total: 81e9 }])).toMatch(/48\.00 GB +fits[^]*81\.00 GB +does NOT fit/);
  });

  it('is not reassured by a check that finds nothing because it can find nothing', () => {
    expect(faultsOf([good[0]!, { name: CONTROL, nodes: {}, bytes: 0 }], [])).toEqual([
      expect.stringContaining('proves nothing'),
    ]);
    expect(faultsOf([good[0]!], [])).toEqual([expect.stringContaining('was not tried')]);
  });

  it('is told how to get the CUDA provider where it is not there, and nothing is fetched unasked', async () => {
    const cache = await mkdtemp(join(tmpdir(), 'kinora-cache-'));
    try {
      const command = new Command('tools/cuda/check-command.js', [], { KINORA_CACHE: cache });
      expect(await command.ended()).toBe(1);
      expect(command.output).toMatch(/CUDA provider is neither in .* nor in [^]*--download/);
    } finally {
      await rm(cache, { recursive: true });
    }
  });
});

describe('the stub CUDA libraries', () => {
  it('have every symbol that the provider imports, once', async () => {
    const listing = [
      '                 U cudaMalloc@libcudart.so.13 (2)',
      '                 U cudaMalloc@libcudart.so.13',
      '                 U cudaGraphLaunch@libcudart.so.13',
      '                 U cublasGemmEx@libcublas.so.13',
      '                 U malloc@GLIBC_2.2.5',
      '                 w __gmon_start__',
    ].join('\n');
    const symbols = importedSymbols(listing);
    expect(symbols).toEqual({
      'libcudart.so.13': ['cudaMalloc', 'cudaGraphLaunch'],
      'libcublas.so.13': ['cublasGemmEx'],
    });
    const source = await readFile(
      fileURLToPath(new URL('../../../../tools/cuda/stub-cuda.c', import.meta.url)),
      'utf8',
    );
    expect(restOf(symbols['libcudart.so.13']!, source)).toBe('int cudaGraphLaunch(void) { return 0; }\n');
  });
});
