const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The segmenter's time grows with the square of the text's length: it gets this many UTF-16 units at a time. */
const WINDOW = 256;

/** Extended grapheme clusters of a text, in order. */
export function* graphemeClusters(text: string): Generator<string, void, void> {
  let window = WINDOW;
  for (let start = 0; start < text.length;) {
    // between two plain ASCII characters there is always a boundary
    while (isPlain(text.charCodeAt(start)) && isPlain(text.charCodeAt(start + 1))) yield text[start++]!;
    let end = start + window;
    while (isHighSurrogate(text.charCodeAt(end - 1))) end++;
    const clusters = Array.from(segmenter.segment(text.slice(start, end)), ({ segment }) => segment);
    // the last one may go on behind the window: the next window starts with it, longer if it held nothing else
    if (end < text.length) clusters.pop();
    window = clusters.length === 0 ? 2 * window : WINDOW;
    for (const cluster of clusters) {
      yield cluster;
      start += cluster.length;
    }
  }
}

function isPlain(unit: number): boolean {
  return unit >= 0x20 && unit <= 0x7e;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
