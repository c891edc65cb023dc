import { graphemeClusters } from './graphemes.ts';

const END_OF_STRING = 0;
/** A grapheme cluster of this many UTF-8 bytes or more is never replaced as a whole. */
const LONG_CLUSTER_BYTES = 6;

/**
 * SentencePiece's precompiled character map (`nmt_nfkc` and its relatives), applied as Hugging Face's `Precompiled`
 * normalizer does: cluster by cluster, the shortest match winning.
 *
 * Layout: `u32 LE n`, `n` bytes of a Darts double-array trie, then the replacements as NUL-ended UTF-8.
 */
export class CharacterMap {
  private readonly trie: Uint32Array;
  private readonly strings: Buffer;
  /** Holds the UTF-8 bytes of the text to find: a short cluster, or one character. */
  private readonly utf8 = Buffer.alloc(LONG_CLUSTER_BYTES);

  /** @throws RangeError when the map is cut short */
  constructor(map: Uint8Array) {
    const bytes = Buffer.from(map.buffer, map.byteOffset, map.byteLength);
    const trieBytes = bytes.length < 4 ? -1 : bytes.readUInt32LE(0);
    if (trieBytes < 4 || trieBytes % 4 !== 0 || 4 + trieBytes > bytes.length) {
      throw new RangeError(`the character map of ${bytes.length} bytes is damaged`);
    }
    this.trie = Uint32Array.from({ length: trieBytes / 4 }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
    this.strings = bytes.subarray(4 + trieBytes);
  }

  normalize(text: string): string {
    let normalized = '';
    for (const cluster of graphemeClusters(text)) {
      const whole = Buffer.byteLength(cluster) < LONG_CLUSTER_BYTES ? this.replacement(cluster) : undefined;
      if (whole !== undefined) normalized += whole;
      else for (const character of cluster) normalized += this.replacement(character) ?? character;
    }
    return normalized;
  }

  /** What the shortest prefix of `text` that the trie knows is replaced by. */
  private replacement(text: string): string | undefined {
    let position = childrenOf(this.trie[0]!);
    const length = this.utf8.write(text);
    for (let i = 0; i < length; i++) {
      const byte = this.utf8[i]!;
      if (byte === 0) return undefined;
      position ^= byte;
      const unit = this.trie[position];
      // bit 31 marks a value, so that a value never passes for the label of a byte
      if (unit === undefined || (unit & 0x8000_00ff) !== byte) return undefined;
      position ^= childrenOf(unit);
      if (((unit >>> 8) & 1) === 1) return this.stringAt((this.trie[position] ?? 0) & 0x7fff_ffff);
    }
    return undefined;
  }

  private stringAt(offset: number): string {
    return this.strings.toString('utf8', offset, this.strings.indexOf(END_OF_STRING, offset));
  }
}

/** Darts' offset field: 22 bits, scaled by 256 when bit 9 is set. */
function childrenOf(unit: number): number {
  return (unit >>> 10) << ((unit & 512) >>> 6);
}
