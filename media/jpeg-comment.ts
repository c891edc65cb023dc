/** Start of image, and a comment segment (ITU-T T.81, B.1.1.3). */
const SOI = 0xffd8;
const COM = 0xfffe;

/** The JPEG with a comment of ASCII text, before everything else in it. */
export function withComment(jpeg: Uint8Array, text: string): Uint8Array {
  const head = Buffer.alloc(6);
  head.writeUInt16BE(SOI, 0);
  head.writeUInt16BE(COM, 2);
  // Counts itself.
  head.writeUInt16BE(text.length + 2, 4);
  return Buffer.concat([head, Buffer.from(text, 'latin1'), jpeg.subarray(2)]);
}

/** The comment that {@link withComment} gave a JPEG; null for any other file. */
export function commentOf(jpeg: Buffer): string | null {
  if (jpeg.length < 6 || jpeg.readUInt16BE(0) !== SOI || jpeg.readUInt16BE(2) !== COM) return null;
  return jpeg.toString('latin1', 6, 4 + jpeg.readUInt16BE(4));
}
