"""Writes the judge's list: every held-out combination on three backgrounds, in varied wording. `python held_out.py FILE`"""

import json
import random
import sys
from pathlib import Path

from captions import FULL
from vocabulary import (
    BACKGROUND_WORDS, BACKGROUNDS, COLOUR_WORDS, COLOURS, MOTION_WORDS, MOTIONS, SHAPE_WORDS, SHAPES, is_held_out,
)


def held_out_prompts(seed: int = 7) -> list[dict[str, str]]:
    rng = random.Random(seed)
    combos = [(c, s, m) for c in COLOURS for s in SHAPES for m in MOTIONS if is_held_out(c, s, m)]
    grounds = list(BACKGROUNDS)
    prompts = []
    for i, (colour, shape, motion) in enumerate(combos):
        for j in range(3):
            background = grounds[(i + j) % len(grounds)]
            plain = j == 0
            template = FULL[0] if plain else rng.choice(FULL)
            word = MOTION_WORDS[motion][0] if plain else rng.choice(MOTION_WORDS[motion])
            if word.startswith("that "):
                template = template.replace(" is {m}", " {m}")
            prompt = template.format(
                c=colour if plain else rng.choice(COLOUR_WORDS[colour]),
                s=shape if plain else rng.choice(SHAPE_WORDS[shape]),
                m=word,
                b=background if plain else rng.choice(BACKGROUND_WORDS[background]),
            )
            labels = {"colour": colour, "shape": shape, "motion": motion, "background": background}
            prompts.append({"prompt": prompt[0].upper() + prompt[1:]} | labels)
    return prompts


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(held_out_prompts(), indent=2) + "\n")
