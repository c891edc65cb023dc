/** `npm run bench:bundle`: the GPU benchmark in pieces, for a machine that has a GPU and nothing else. */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UserError, withUsage } from '../../../../platform/config/user-error.ts';
import { runProcess } from '../../../../platform/process/run-process.ts';
import { cudaProviderFolder } from '../../../cuda/provider.ts';
import { layOut, pack } from './bundle.ts';
import type { Blanked } from './fat-binaries.ts';

/** What many a service takes at a time. */
const PIECE_MB = 60;

const USAGE = `Usage: npm run bench:bundle -- DIR [--arch sm_NN] [--piece-mb N] [--download] [--cpu]

Packs all that npm run bench:gpu needs on a bare machine (Linux on x64, without network and without Node) into pieces of
some size, and run.sh, which checks, joins and starts them there. CUDA 13 and cuDNN 9 are not in it: they are 2 GB, and
PyTorch has them. Name their folder there: sh run.sh --library-path …/site-packages/nvidia

  DIR          where the pieces go
  --arch sm_N  the GPU that it is for: the provider's code for others is blanked (default: sm_90, an H100 or H200)
  --piece-mb N size of a piece at most, in millions of bytes (default: ${PIECE_MB})
  --download   fetches the CUDA provider (250 MB) into the cache where it is not there
  --cpu        without the provider, for a trial on a machine without a GPU`;

async function main(): Promise<number> {
  const { folder, arch, pieceBytes, download, cpu } = argumentsOf(process.argv.slice(2));
  const provider = cpu ? null : await cudaProviderFolder(download);
  const layout = await mkdtemp(join(tmpdir(), 'kinora-bench-bundle-'));
  try {
    const blanked = await layOut(layout, provider, arch);
    if (blanked !== null) process.stdout.write(`${describe(blanked, arch)}\n`);
    const count = await pack(layout, folder, pieceBytes);
    for (const name of (await readdir(folder)).toSorted()) {
      process.stdout.write(`${name.padEnd(20)} ${(await stat(join(folder, name))).size} bytes\n`);
    }
    process.stdout.write(`${count} pieces. On the machine: sh run.sh --library-path DIR\n`);
    return 0;
  } finally {
    await rm(layout, { recursive: true, force: true });
  }
}

function describe({ bytes, blanked }: Blanked, arch: number): string {
  const all = [...bytes].toSorted(([a], [b]) => a - b);
  if (!bytes.has(arch)) {
    const others = all.map(([other]) => `sm_${other}`).join(', ');
    throw new UserError(`--arch: the provider has no code for sm_${arch}, only for ${others}.`);
  }
  const megabytes = (value: number) => `${(value / 1e6).toFixed(0)} MB`;
  const parts = all.map(([one, size]) => `sm_${one} ${megabytes(size)}`).join(', ');
  return `GPU code of the provider: ${parts}; blanked: ${megabytes(blanked)}`;
}

function argumentsOf(args: string[]) {
  return withUsage(USAGE, () => {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        arch: { type: 'string', default: 'sm_90' },
        'piece-mb': { type: 'string', default: String(PIECE_MB) },
        download: { type: 'boolean', default: false },
        cpu: { type: 'boolean', default: false },
      },
    });
    const [folder, ...more] = positionals;
    if (folder === undefined || more.length > 0) throw new Error('DIR: name one folder');
    const [, digits] = /^sm_(\d{2,3})$/.exec(values.arch) ?? [];
    if (digits === undefined) throw new Error(`--arch is "${values.arch}": give e.g. sm_90 for an H100 or H200`);
    const megabytes = values['piece-mb'];
    if (!/^[1-9]\d{0,5}$/.test(megabytes))
      throw new Error(`--piece-mb is "${megabytes}": give a whole number, 1 or more`);
    return { ...values, folder, arch: Number(digits), pieceBytes: Number(megabytes) * 1e6 };
  });
}

await runProcess(main);
