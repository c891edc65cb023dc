import type { Step } from '../measure/step.ts';

/**
 * All steps, what decides most first: a lease may end at any moment. Their code is loaded where they run, which is never
 * the process that watches over them.
 */
export const STEPS: readonly Step[] = [
  {
    id: 'load',
    title: 'Provider and cuDNN: whether they load, and versions',
    estimateS: 20,
    run: async (context) => (await import('./load.ts')).load(context),
  },
  {
    id: 'attention',
    title: 'One attention node: MultiHeadAttention against Attention',
    estimateS: 40,
    run: async (context) => (await import('./attention.ts')).attention(context),
  },
  {
    id: 'parity',
    title: 'A tiny model against the CPU and diffusers',
    estimateS: 60,
    run: async (context) => (await import('./parity.ts')).parity(context),
  },
  {
    id: 'pass-85',
    title: 'One pass of the transformer at 85 frames',
    estimateS: 45,
    run: async (context) => (await import('./pass.ts')).pass(context, context.workload.short),
  },
  {
    id: 'gemm',
    title: 'Plain matrix products',
    estimateS: 20,
    run: async (context) => (await import('./gemm.ts')).gemm(context),
  },
  {
    id: 'pass-163',
    title: 'One pass of the transformer at 163 frames',
    estimateS: 60,
    run: async (context) => (await import('./pass.ts')).pass(context, context.workload.long),
  },
  {
    id: 'tile',
    title: 'A VAE tile: one shape again and again, against two in turn',
    estimateS: 45,
    run: async (context) => (await import('./tile.ts')).tile(context),
  },
  {
    id: 'decode',
    title: 'A decode of 85 frames',
    estimateS: 100,
    run: async (context) => (await import('./decode.ts')).decode(context),
  },
  {
    id: 'video',
    title: 'A whole video of 85 frames: text, 64 guided steps, decoding',
    estimateS: 330,
    run: async (context) => (await import('./video.ts')).video(context),
  },
  {
    id: 'torch',
    title: 'The same passes and decodes in PyTorch and diffusers',
    estimateS: 240,
    run: async (context) => (await import('./torch.ts')).torch(context),
  },
];
