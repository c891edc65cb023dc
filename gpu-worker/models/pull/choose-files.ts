import type { ListedFile } from './hub.ts';

/** Precision of the published weights that are wanted, where a component has both. */
export const VARIANTS = ['bf16', 'float32', 'all'] as const;
export type Variant = (typeof VARIANTS)[number];

const COMPONENT = /^(scheduler|text_encoder|tokenizer|transformer|vae)\/[^/]+\.(json|safetensors|model|txt)$/;
const BESIDE = /^(model_index\.json|profile\.json|README\.md|LICENSE[^/]*)$/;
const WEIGHTS = /\.safetensors|\.index(\.bf16)?\.json$/;
const BF16 = /\bbf16\b/;

/**
 * The files of a repository that make the pipeline in diffusers' layout: not the same weights in other layouts, as Mochi 1
 * has them beside, and of each component one precision.
 */
export function chooseFiles(files: ListedFile[], variant: Variant): ListedFile[] {
  const usable = files.filter(({ path }) => COMPONENT.test(path) || BESIDE.test(path));
  if (variant === 'all') return usable;
  const wanted = (path: string) => BF16.test(path) === (variant === 'bf16');
  const isWeights = (path: string) => path.includes('/') && WEIGHTS.test(path);
  const folder = (path: string) => path.split('/')[0];
  const served = new Set(usable.filter(({ path }) => isWeights(path) && wanted(path)).map(({ path }) => folder(path)));
  return usable.filter(({ path }) => !isWeights(path) || wanted(path) || !served.has(folder(path)));
}
