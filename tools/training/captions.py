"""Captions: a few templates, synonyms, and now and then words that mean nothing to the model."""

import random

from vocabulary import BACKGROUND_WORDS, COLOUR_WORDS, MOTION_WORDS, SHAPE_WORDS

FULL = (
    "a {c} {s} {m} on a {b} background",
    "{c} {s} {m} on a {b} background",
    "{c} {s} {m}, {b} background",
    "a {c} {s} is {m} on a {b} background",
    "the {c} {s} is {m} on a {b} background",
    "a {c} {s} {m} against a {b} background",
    "a {c} {s} {m} in front of a {b} backdrop",
    "on a {b} background, a {c} {s} is {m}",
    "a {c} {s} {m}. the background is {b}",
    "{b} background with a {c} {s} {m}",
)
NO_MOTION = ("a {c} {s} on a {b} background", "{c} {s}, {b} background", "a {c} {s} against a {b} background")
NO_BACKGROUND = ("a {c} {s} {m}", "{c} {s} {m}", "the {c} {s} is {m}")
NEITHER = ("a {c} {s}", "{c} {s}")

OPENINGS = (
    "a video of", "an animation of", "a clip of", "a short film of", "please show", "show me", "i want to see",
    "generate", "a beautiful shot of", "a cinematic view of", "close-up of", "an image of", "make a video with",
    "we see", "imagine", "a simple drawing of", "a cartoon of", "once upon a time there was",
)
ENDINGS = (
    "cinematic", "4k", "8k", "high quality", "very detailed", "please", "minimalist", "smooth animation", "beautiful",
    "flat design", "masterpiece", "thank you", "high resolution", "simple", "realistic lighting", "best quality",
    "studio light", "award winning", "sharp focus", "trending", "hd", "soft shadows", "it looks great",
    "the camera does not move", "in a calm and peaceful mood", "25 frames", "nothing else is in the picture",
)
ADJECTIVES = ("big", "large", "bright", "beautiful", "shiny", "simple", "nice", "single", "lovely", "solid", "flat", "plain")
ADVERBS = ("slowly", "quickly", "smoothly", "gently", "steadily", "quietly")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def nonsense(rng: random.Random) -> str:
    """A word nobody knows, sometimes in characters the tokenizer has never seen."""
    if rng.random() < 0.15:
        return "".join(chr(rng.randrange(0x4E00, 0x9FA5)) for _ in range(rng.randint(1, 3)))
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(2, 9)))


def pick_word(rng: random.Random, words: list[str]) -> str:
    return words[0] if rng.random() < 0.5 else rng.choice(words)


def decorate(rng: random.Random, text: str) -> str:
    """Adds openings, endings, punctuation and nonsense that must not change the picture."""
    if rng.random() < 0.5:
        text = f"{rng.choice(OPENINGS)} {text}"
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        extra = nonsense(rng) if rng.random() < 0.3 else rng.choice(ENDINGS)
        text += rng.choice((", ", ", ", " ", ". ")) + extra
    return text + rng.choice(("", "", ".", "!", "..."))


def caption(rng: random.Random, colour: str, shape: str, motion: str, background: str, parts: str = "full") -> str:
    """A caption of one clip; `parts` names what it leaves out."""
    templates = {"full": FULL, "no motion": NO_MOTION, "no background": NO_BACKGROUND, "neither": NEITHER}[parts]
    template = templates[0] if rng.random() < 0.35 else rng.choice(templates)
    plain = rng.random() < 0.6
    c, m = pick_word(rng, COLOUR_WORDS[colour]), pick_word(rng, MOTION_WORDS[motion])
    if m.startswith("that "):
        template = template.replace(" is {m}", " {m}")
    if not plain and rng.random() < 0.35:
        c = f"{rng.choice(ADJECTIVES)} {c}"
    if not plain and rng.random() < 0.35:
        m = f"{rng.choice(ADVERBS)} {m}" if rng.random() < 0.5 else f"{m} {rng.choice(ADVERBS)}"
    text = template.format(
        c=c, s=pick_word(rng, SHAPE_WORDS[shape]), m=m, b=pick_word(rng, BACKGROUND_WORDS[background])
    )
    return text if plain else decorate(rng, text)
