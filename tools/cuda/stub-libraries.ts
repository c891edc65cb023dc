import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { UserError } from '../../platform/config/user-error.ts';

const SOURCE = fileURLToPath(new URL('../../../tools/cuda/stub-cuda.c', import.meta.url));
const run = promisify(execFile);

/** Libraries that the provider imports nothing from, or too little to have versions. */
const UNVERSIONED = { 'libcuda.so.1': ['cuInit', 'cuTensorMapEncodeTiled'], 'libcurand.so.10': [] };

/**
 * Compiles libraries that have the names and symbols of CUDA 13's, and compute nothing, so that ONNX Runtime's own CUDA
 * provider makes sessions on a machine without a GPU: it chooses a kernel for every node and asks for device memory, and
 * no more. A run would fail.
 *
 * @param provider path of `libonnxruntime_providers_cuda.so`, which says what has to be there
 * @param folder where the libraries go
 * @throws UserError where binutils or a C compiler are missing
 */
export async function compileStubLibraries(provider: string, folder: string): Promise<void> {
  const source = await readFile(SOURCE, 'utf8');
  const listing = await tool('nm', ['-D', '--undefined-only', provider]);
  for (const [library, symbols] of Object.entries({ ...importedSymbols(listing), ...UNVERSIONED })) {
    const file = join(folder, library);
    await writeFile(`${file}.c`, source + restOf(symbols, source));
    await writeFile(`${file}.map`, versionScript(library, symbols));
    const linking = [`-Wl,-soname,${library}`, `-Wl,--version-script=${file}.map`];
    await tool('cc', ['-w', '-shared', '-fPIC', '-O1', `${file}.c`, '-o', file, ...linking]);
  }
}

/** Versioned symbols of CUDA's libraries in a listing of `nm`, by library. */
export function importedSymbols(listing: string): Record<string, string[]> {
  const symbols: Record<string, string[]> = {};
  for (const [, symbol, library] of listing.matchAll(/ U (\w+)@(lib(?:cudart|cublas|cublasLt)\.so\.\d+)$/gm)) {
    (symbols[library!] ??= []).push(symbol!);
  }
  return symbols;
}

/** C functions for those symbols that the source does not define. */
export function restOf(symbols: readonly string[], source: string): string {
  const defined = new Set([...source.matchAll(/STUB\((\w+)\)/g)].map(([, name]) => name));
  return symbols
    .filter((name) => !defined.has(name))
    .map((name) => `int ${name}(void) { return 0; }\n`)
    .join('');
}

function versionScript(library: string, symbols: readonly string[]): string {
  const version = library in UNVERSIONED ? '' : library;
  return `${version} { ${symbols.length > 0 ? `global: ${symbols.join('; ')};` : ''} local: *; };\n`;
}

async function tool(program: string, args: string[]): Promise<string> {
  try {
    return (await run(program, args, { maxBuffer: 1e8 })).stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new UserError(`${program} is not on PATH: install a C compiler and binutils (Debian: apt-get install gcc).`);
  }
}
