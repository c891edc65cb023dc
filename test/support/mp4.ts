/** A box of an MP4 (ISO/IEC 14496-12, 4.2). @param size what it says of itself @default the truth */
export function box(type: string, content: Uint8Array | Uint8Array[] = [], size?: number): Buffer {
  const body = Buffer.concat([content].flat());
  const head = Buffer.alloc(8);
  head.writeUInt32BE(size ?? 8 + body.length, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

/** The same with a size of 64 bits. */
export function longBox(type: string, content: Uint8Array, size = BigInt(16 + content.length)): Buffer {
  const large = Buffer.alloc(8);
  large.writeBigUInt64BE(size);
  return box(type, [large, content], 1);
}

/** A text as a metadata item holds it. @param type 1 is UTF-8 */
export function dataBox(text: string | Uint8Array, type = 1): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(type, 0);
  return box('data', [head, Buffer.from(text)]);
}

export const FTYP = box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2avc1mp41', 'latin1'));

/** `moov` with a comment; what is in it besides is skipped. */
export const moovOf = (...items: Uint8Array[]): Buffer =>
  box('moov', [
    box('mvhd', Buffer.alloc(100)),
    box('udta', box('meta', [Buffer.alloc(4), box('hdlr', Buffer.alloc(25)), box('ilst', items)])),
  ]);

export const commentItem = (text: string | Uint8Array): Buffer => box('\xa9cmt', dataBox(text));

/** No video, but boxes like one's. */
export const mp4With = (comment: string | Uint8Array): Buffer =>
  Buffer.concat([FTYP, moovOf(commentItem(comment)), box('free'), box('mdat', Buffer.alloc(5000, 7))]);
