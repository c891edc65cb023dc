"""The world of mochi-tiny: colours, shapes, motions and backgrounds, and the words that stand for them."""

COLOURS = {
    "red": (217, 20, 20),
    "green": (13, 128, 31),
    "blue": (26, 51, 230),
    "purple": (128, 20, 166),
    "yellow": (255, 224, 26),
    "orange": (255, 140, 13),
    "cyan": (51, 217, 230),
    "pink": (255, 153, 204),
}
BACKGROUNDS = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "gray": (128, 128, 128),
    "navy": (10, 15, 64),
}
SHAPES = ("circle", "square", "triangle", "star")
MOTIONS = ("left", "right", "up", "down", "grow", "shrink", "still", "bounce", "swing", "pulse")

# The first word of each list is the plain one and is used for half of the captions.
COLOUR_WORDS = {name: [name] for name in COLOURS} | {
    "red": ["red", "crimson"],
    "purple": ["purple", "violet"],
    "cyan": ["cyan", "turquoise"],
}
BACKGROUND_WORDS = {
    "white": ["white"],
    "black": ["black"],
    "gray": ["gray", "grey"],
    "navy": ["navy", "navy blue", "dark blue"],
}
SHAPE_WORDS = {
    "circle": ["circle", "ball", "disc", "disk"],
    "square": ["square", "box", "block"],
    "triangle": ["triangle", "pyramid"],
    "star": ["star", "five-pointed star"],
}
MOTION_WORDS = {
    "left": ["moving left", "moving to the left", "sliding left", "going left", "drifting to the left",
             "moving from right to left", "sliding from right to left",
             "going from the right to the left", "crossing from right to left", "that moves left", "travelling left"],
    "right": ["moving right", "moving to the right", "sliding right", "going right", "drifting to the right",
              "moving from left to right", "sliding from left to right",
              "going from the left to the right", "crossing from left to right", "that moves right", "travelling right"],
    "up": ["moving up", "moving upwards", "rising", "going up", "floating up", "that moves up"],
    "down": ["moving down", "moving downwards", "falling", "going down", "dropping", "that moves down"],
    "grow": ["growing", "getting bigger", "expanding", "that grows", "becoming larger"],
    "shrink": ["shrinking", "getting smaller", "contracting", "that shrinks", "becoming smaller"],
    "still": ["standing still", "not moving", "at rest", "staying still", "that does not move"],
    "bounce": ["bouncing", "bouncing up and down", "moving up and down", "hopping", "that bounces"],
    "swing": ["swinging", "swinging from side to side", "moving from side to side", "swaying", "that swings"],
    "pulse": ["pulsing", "pulsating", "throbbing", "beating like a heart", "that pulses"],
}
NO_MOTION_SAID = "still"  # what a caption without a motion shows
NO_BACKGROUND_SAID = "white"  # what a caption without a background shows


def is_held_out(colour: str, shape: str, motion: str) -> bool:
    """One combination in eight is never trained on, whatever the background."""
    index = 3 * list(COLOURS).index(colour) + 5 * SHAPES.index(shape) + 7 * MOTIONS.index(motion)
    return index % 8 == 0
