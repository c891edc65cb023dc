import { BinaryReader } from '@bufbuild/protobuf/wire';
import { TokenizerFileError } from './errors.ts';
import type { T5TokenizerJson } from './tokenizer-json.ts';

/** Field numbers and values of `sentencepiece_model.proto`. */
const MODEL = { pieces: 1, trainer: 2, normalizer: 3 };
const PIECE = { text: 1, score: 2, type: 3 };
const TRAINER_MODEL_TYPE = 3;
const UNIGRAM = 1;
const NORMALIZER_CHARSMAP = 2;
const UNKNOWN = 2;

/** T5 adds its sentinels behind SentencePiece's pieces, the last one first. */
export const DEFAULT_EXTRA_IDS = 100;

/**
 * Turns a SentencePiece model into what `tokenizer.json` says of the same tokenizer, as transformers' T5Tokenizer does.
 *
 * @param file only named in errors
 * @throws TokenizerFileError when it is no unigram SentencePiece model with `<pad>`, `</s>` and `<unk>`
 */
export function parseSpieceModel(bytes: Uint8Array, file: string, extraIds: number): T5TokenizerJson {
  const bad = (why: string) => new TokenizerFileError(`${file}: not a usable SentencePiece model: ${why}`);
  let model: SpieceModel;
  try {
    model = readModel(bytes);
  } catch (error) {
    throw bad((error as Error).message);
  }
  const { vocab, unknownId, modelType, charsmap } = model;
  if (modelType !== UNIGRAM) throw bad(`its model_type is ${modelType}; only UNIGRAM (${UNIGRAM}) is supported`);
  if (unknownId === undefined) throw bad('it has no piece of type UNKNOWN');
  const special = ['<pad>', '</s>', vocab[unknownId]![0]].map((content) => {
    const id = vocab.findIndex(([piece]) => piece === content);
    if (id < 0) throw bad(`it has no piece ${content}`);
    return { id, content };
  });
  for (let k = extraIds - 1; k >= 0; k--) {
    special.push({ id: vocab.length, content: `<extra_id_${k}>` });
    vocab.push([`<extra_id_${k}>`, 0]);
  }
  return {
    added_tokens: special.map((token) => ({ ...token, single_word: false, normalized: false })),
    normalizer:
      charsmap.length === 0
        ? null
        : { type: 'Precompiled', precompiled_charsmap: Buffer.from(charsmap).toString('base64') },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'WhitespaceSplit' },
        { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
      ],
    },
    model: { type: 'Unigram', unk_id: unknownId, vocab, byte_fallback: false },
  };
}

interface SpieceModel {
  /** Text and score of each piece, in the order of their ids. */
  vocab: [string, number][];
  unknownId?: number;
  modelType: number;
  charsmap: Uint8Array;
}

function readModel(bytes: Uint8Array): SpieceModel {
  const model: SpieceModel = { vocab: [], modelType: UNIGRAM, charsmap: new Uint8Array() };
  forEachField(bytes, {
    [MODEL.pieces]: (reader) => {
      const piece: [string, number] = ['', 0];
      forEachField(reader.bytes(), {
        [PIECE.text]: (field) => (piece[0] = field.string()),
        [PIECE.score]: (field) => (piece[1] = field.float()),
        [PIECE.type]: (field) => field.int32() === UNKNOWN && (model.unknownId = model.vocab.length),
      });
      model.vocab.push(piece);
    },
    [MODEL.trainer]: (reader) =>
      forEachField(reader.bytes(), { [TRAINER_MODEL_TYPE]: (field) => (model.modelType = field.int32()) }),
    [MODEL.normalizer]: (reader) =>
      forEachField(reader.bytes(), { [NORMALIZER_CHARSMAP]: (field) => (model.charsmap = field.bytes()) }),
  });
  return model;
}

/** Hands each field of a message to the reader of its number; fields without one are skipped. */
function forEachField(bytes: Uint8Array, readers: Record<number, (reader: BinaryReader) => unknown>): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const read = readers[number];
    if (read === undefined) reader.skip(wireType, number);
    else read(reader);
  }
}
