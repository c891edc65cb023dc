import { parseArgs } from 'node:util';
import { withUsage } from '../../../platform/config/user-error.ts';
import type { Step } from './measure/step.ts';
import { STEPS } from './steps/index.ts';

/** The default is a lease of an hour, less what it takes to get there and away. */
const BUDGET_S = 3300;
const RUNS = 3;

const USAGE = `Usage: npm run bench:gpu -- [--budget-s N] [--only STEP,…] [--runs N] [--library-path DIR] …

On a machine with one or two GPUs, for as long as it can be had: the questions that decide most come first, each step has a
process of its own, and each figure is in a file as soon as it exists. A step that fails, hangs, or would not fit what is
left of the time costs none of the others. Mochi 1 has random weights, which are made in seconds; none are needed.

${STEPS.map(({ id, title, estimateS }) => `  ${id.padEnd(10)} ${title} (about ${estimateS} s)`).join('\n')}

  --budget-s N        ends within so many seconds, and ten more at most (default: ${BUDGET_S})
  --only STEP,…       only these steps, however much of the time each takes
  --runs N            how often each thing is timed, after a first time (default: ${RUNS})
  --library-path DIR  where CUDA 13 and cuDNN 9 are, e.g. torch's site-packages/nvidia; may be given again
  --devices NAME,…    cuda:0 or cuda:0,cuda:1 (default: the first two that nvidia-smi knows)
  --python FILE       the Python that is asked for versions, and whose diffusers is measured (default: python3)
  --out FILE          results are appended to it, a JSON object a line (default: bench-gpu.jsonl)
  --download          fetches ONNX Runtime's CUDA provider, CUDA 13 and cuDNN 9 into the cache if need be (2 GB)
  --cpu               the same code on the CPU with next to nothing to do: whether the benchmark itself works
  --print FILE        prints the results in a file, also those of a run that was broken off`;

export interface BenchArguments {
  budgetS: number;
  steps: readonly Step[];
  /** Whether they were chosen one by one. */
  named: boolean;
  runs: number;
  libraryPath: string[];
  devices?: string[] | undefined;
  python: string;
  out: string;
  download: boolean;
  cpu: boolean;
  /** A file of results, in place of a run. */
  print?: string | undefined;
}

/** @throws UserError naming the argument and the remedy, with the usage */
export function argumentsOf(args: string[]): BenchArguments {
  return withUsage(USAGE, () => {
    const { only, devices, 'budget-s': budget, 'library-path': libraryPath, runs, ...others } = parsed(args);
    return {
      ...others,
      budgetS: wholeNumber('--budget-s', budget),
      runs: wholeNumber('--runs', runs),
      steps: only === undefined ? STEPS : chosen(only.split(',')),
      named: only !== undefined,
      devices: deviceNames(devices, others.cpu),
      libraryPath,
    };
  });
}

function parsed(args: string[]) {
  return parseArgs({
    args,
    options: {
      'budget-s': { type: 'string', default: String(BUDGET_S) },
      only: { type: 'string' },
      runs: { type: 'string', default: String(RUNS) },
      'library-path': { type: 'string', multiple: true, default: [] },
      devices: { type: 'string' },
      python: { type: 'string', default: 'python3' },
      out: { type: 'string', default: 'bench-gpu.jsonl' },
      download: { type: 'boolean', default: false },
      cpu: { type: 'boolean', default: false },
      print: { type: 'string' },
    },
  }).values;
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${name} is "${text}": give a whole number, 1 or more`);
  return Number(text);
}

function deviceNames(text: string | undefined, cpu: boolean): string[] | undefined {
  const names = text?.split(',');
  const wrong = names?.find((name) => !(cpu ? /^cpu$/ : /^cuda:\d+$/).test(name));
  if (wrong === undefined && (names?.length ?? 1) <= 2) return names;
  throw new Error(`--devices is "${text}": give one or two of ${cpu ? 'cpu, with --cpu' : 'cuda:0, cuda:1, …'}`);
}

/** In the order of the list, whatever they were named in: it is the one that decides. */
function chosen(ids: string[]): Step[] {
  const unknown = ids.find((id) => !STEPS.some((step) => step.id === id));
  if (unknown !== undefined) throw new Error(`--only: there is no step "${unknown}"`);
  return STEPS.filter(({ id }) => ids.includes(id));
}
