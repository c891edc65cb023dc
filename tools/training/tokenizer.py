"""The tokenizer: a small SentencePiece unigram model over the captions, upper case folded into lower case."""

import random
import string
from pathlib import Path

import sentencepiece
from transformers import T5TokenizerFast

from samples import scene_of
from captions import caption

CAPTIONS = 6000


def train_tokenizer(folder: Path, seed: int = 3) -> None:
    """Writes spiece.model and tokenizer.json into `folder`."""
    rng = random.Random(seed)
    lines = []
    for _ in range(CAPTIONS):
        scene, parts = scene_of(rng)
        lines.append(caption(rng, scene.colour, scene.shape, scene.motion, scene.background, parts))
    # single letters and figures, so that an unknown word is spelled and not lost
    lines += [" ".join(string.ascii_lowercase + string.digits + ".,!?'-()")] * 60
    lines = ["".join(c for c in line if ord(c) < 128) for line in lines]
    folder.mkdir(parents=True, exist_ok=True)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_prefix=str(folder / "spiece"), vocab_size=640, model_type="unigram",
        normalization_rule_name="nmt_nfkc_cf", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, hard_vocab_limit=False,
        num_threads=1, minloglevel=2, character_coverage=1.0,
    )
    (folder / "spiece.vocab").unlink()
    T5TokenizerFast.from_pretrained(folder, model_max_length=256).save_pretrained(folder)


def load_tokenizer(folder: Path) -> T5TokenizerFast:
    if not (folder / "tokenizer.json").exists():
        train_tokenizer(folder)
    return T5TokenizerFast.from_pretrained(folder)
