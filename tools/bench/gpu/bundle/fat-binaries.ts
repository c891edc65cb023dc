/** Sections in which CUDA's compiler leaves machine code for GPUs. */
const SECTIONS = new Set(['.nv_fatbin', '__nv_relfatbin']);
const CONTAINER = 0xba55ed50;
/** Containers begin at multiples of it. */
const ALIGNMENT = 8;

/** Code for one architecture, in a container that has the same functions for several. */
interface Entry {
  /** E.g. 90 for sm_90 and sm_90a. */
  arch: number;
  /** Where its code is. */
  begin: number;
  end: number;
}

export interface Blanked {
  /** Bytes of code by architecture, before. */
  bytes: Map<number, number>;
  /** Bytes that were blanked. */
  blanked: number;
}

/**
 * Overwrites the machine code of a library for all GPUs but one with zeros, which a compressor makes nothing of. Its headers
 * stay, so that the driver finds the one that it wants. A container without code for that GPU is left as it is.
 *
 * @param library an ELF file of 64 bits, changed in place
 * @param arch of the GPU that it is kept for, e.g. 90
 * @throws Error where it is no such file, or is not laid out as CUDA's are
 */
export function blankOtherArchitectures(library: Buffer, arch: number): Blanked {
  const result: Blanked = { bytes: new Map(), blanked: 0 };
  for (const { begin, end } of sectionsOf(library)) {
    for (const entries of containersOf(library, begin, end)) {
      const wanted = entries.some((entry) => entry.arch === arch);
      for (const entry of entries) {
        const size = entry.end - entry.begin;
        result.bytes.set(entry.arch, (result.bytes.get(entry.arch) ?? 0) + size);
        if (!wanted || entry.arch === arch) continue;
        library.fill(0, entry.begin, entry.end);
        result.blanked += size;
      }
    }
  }
  return result;
}

/** Where the sections with GPU code lie in the file. */
function sectionsOf(library: Buffer): { begin: number; end: number }[] {
  if (library.length < 64 || library.readUInt32BE(0) !== 0x7f454c46 || library[4] !== 2 || library[5] !== 1) {
    throw new Error('it is no ELF library of 64 bits');
  }
  const table = Number(library.readBigUInt64LE(0x28));
  const size = library.readUInt16LE(0x3a);
  const headers = Array.from({ length: library.readUInt16LE(0x3c) }, (_, i) => {
    const at = table + i * size;
    const begin = Number(library.readBigUInt64LE(at + 0x18));
    return { name: library.readUInt32LE(at), begin, end: begin + Number(library.readBigUInt64LE(at + 0x20)) };
  });
  const names = headers[library.readUInt16LE(0x3e)];
  if (names === undefined) throw new Error('its sections have no names');
  return headers.filter(({ name }) => {
    const at = names.begin + name;
    return SECTIONS.has(library.toString('latin1', at, library.indexOf(0, at)));
  });
}

function* containersOf(library: Buffer, begin: number, end: number): Generator<Entry[], void, void> {
  for (let at = begin; at + 16 <= end;) {
    if (library.readUInt32LE(at) !== CONTAINER) {
      at += ALIGNMENT;
      continue;
    }
    const first = at + library.readUInt16LE(at + 6);
    const last = first + Number(library.readBigUInt64LE(at + 8));
    if (last > end) throw new Error(`the code at ${at} is longer than its section`);
    yield entriesOf(library, first, last);
    at = last;
  }
}

function entriesOf(library: Buffer, first: number, last: number): Entry[] {
  const entries: Entry[] = [];
  for (let at = first; at < last;) {
    const begin = at + library.readUInt32LE(at + 4);
    const end = begin + Number(library.readBigUInt64LE(at + 8));
    if (begin <= at || end > last) throw new Error(`the code at ${at} is not laid out as CUDA's is`);
    entries.push({ arch: library.readUInt32LE(at + 28), begin, end });
    at = end;
  }
  return entries;
}
