/** How much worse than the worst piece an unknown character scores, as SentencePiece has it. */
const UNKNOWN_PENALTY = 10;

/** SentencePiece's unigram language model: the segmentation with the largest sum of scores. */
export class Unigram {
  private readonly pieces: Map<string, { id: number; score: number }>;
  private readonly longest: number;
  private readonly unknownId: number;
  private readonly unknownScore: number;

  /** @param vocabulary pieces with their scores (log probabilities), in the order of their ids */
  constructor(vocabulary: readonly (readonly [string, number])[], unknownId: number) {
    this.pieces = new Map(vocabulary.map(([piece, score], id) => [piece, { id, score }]));
    this.longest = vocabulary.reduce((most, [piece]) => Math.max(most, piece.length), 1);
    this.unknownId = unknownId;
    this.unknownScore = vocabulary.reduce((least, [, score]) => Math.min(least, score), Infinity) - UNKNOWN_PENALTY;
  }

  /** Ids of the best path; neighbouring unknown ones are one. */
  encode(text: string): number[] {
    const ids: number[] = [];
    for (const id of this.bestPath(text)) {
      if (id !== this.unknownId || ids.at(-1) !== this.unknownId) ids.push(id);
    }
    return ids;
  }

  private bestPath(text: string): number[] {
    const score = new Float64Array(text.length + 1).fill(-Infinity);
    const from = new Int32Array(text.length + 1);
    const id = new Int32Array(text.length + 1);
    score[0] = 0;
    // on a tie the path found first stays, as in the reference
    const offer = (start: number, end: number, pieceId: number, pieceScore: number) => {
      const candidate = score[start]! + pieceScore;
      if (candidate <= score[end]!) return;
      score[end] = candidate;
      from[end] = start;
      id[end] = pieceId;
    };
    for (let start = 0; start < text.length;) {
      const next = start + (text.codePointAt(start)! > 0xffff ? 2 : 1);
      for (let end = next; end <= Math.min(text.length, start + this.longest); end++) {
        const piece = this.pieces.get(text.slice(start, end));
        if (piece !== undefined) offer(start, end, piece.id, piece.score);
      }
      if (!this.pieces.has(text.slice(start, next))) offer(start, next, this.unknownId, this.unknownScore);
      start = next;
    }
    const path: number[] = [];
    for (let end = text.length; end > 0; end = from[end]!) path.push(id[end]!);
    return path.toReversed();
  }
}
