"""Writes the judge's list: every held-out combination on three backgrounds, in plain wording, in other words, and with words
around it that no training caption has. `python held_out.py FILE`"""

import json
import random
import sys
from pathlib import Path

from captions import FULL
from vocabulary import (
    BACKGROUND_WORDS, BACKGROUNDS, COLOUR_WORDS, COLOURS, MOTION_WORDS, MOTIONS, SHAPE_WORDS, SHAPES, is_held_out,
)

AROUND = (
    "{} at dawn in an old harbour town", "my grandmother remembers {}", "{}, shot on 35mm film, grainy and warm",
    "for the birthday of a dear friend: {}", "{} while nobody is watching", "a documentary about {}",
    "{}, and then the credits roll", "in the style of an early computer game, {}", "{}, wide lens, no people",
    "could you draw {} for me by tomorrow",
)


def held_out_prompts(seed: int = 11) -> list[dict[str, str]]:
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
            if j == 2:
                prompt = rng.choice(AROUND).format(prompt)
            labels = {"colour": colour, "shape": shape, "motion": motion, "background": background}
            prompts.append({"prompt": prompt[0].upper() + prompt[1:]} | labels)
    return prompts


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(held_out_prompts(), indent=2) + "\n")
