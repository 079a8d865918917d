"""Pictures for demo data, drawn by code: quiet abstract scenes, so that no photo has to be kept in the repository."""

import math
import random
from collections.abc import Sequence

import pyvips

WIDTH, HEIGHT = 1600, 1200
#: Sky above, sky below, then the layers from far to near.
PALETTES = {
    "dawn": ("#fbe3cf", "#f3b7a0", "#d98880", "#a8617a", "#6d4468", "#3c2c4d"),
    "sea": ("#e8f3f1", "#b4dcd9", "#7fbcc2", "#4a8fa3", "#2b6480", "#173d56"),
    "meadow": ("#f6f1d8", "#dfe3b0", "#b4c686", "#7da06a", "#4b7656", "#294a40"),
    "clay": ("#fdf1e4", "#f2d3b6", "#dfa67b", "#c07a55", "#8c5241", "#4f2f2b"),
    "dusk": ("#e9e4f5", "#c3b7e3", "#9a8acb", "#6d62a8", "#45437f", "#262a55"),
    "linen": ("#faf7f2", "#ece4d8", "#d9cbb8", "#bca68d", "#8e7763", "#54463c"),
}


def draw(palette: str, number: int) -> bytes:
    """A JPEG of 1600 x 1200: hills for even numbers, arches for odd ones. The same words give the same picture."""
    chance = random.Random(f"{palette}{number}")  # noqa: S311 (nothing secret about a hill)
    colours = PALETTES[palette]
    shapes = _hills(colours[2:], chance) if number % 2 == 0 else _arches(colours[2:], chance)
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">
<defs><linearGradient id="sky" x1="0" y1="0" x2="0.3" y2="1"><stop offset="0" stop-color="{colours[0]}"/>
<stop offset="1" stop-color="{colours[1]}"/></linearGradient></defs>
<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#sky)"/>{shapes}</svg>"""
    picture = pyvips.Image.svgload_buffer(svg.encode()).flatten()
    # A little grain: flat colours look printed, and JPEG draws bands into them.
    grain = pyvips.Image.gaussnoise(WIDTH, HEIGHT, sigma=2.2, mean=0, seed=number)
    return bytes((picture + grain).cast("uchar").copy(interpretation="srgb").jpegsave_buffer(Q=84))


def _hills(colours: Sequence[str], chance: random.Random) -> str:
    """A sun, and ridges that come nearer."""
    sun = f'<circle cx="{chance.randint(350, 1250)}" cy="{chance.randint(280, 460)}" r="{chance.randint(90, 150)}" fill="#fff" opacity="0.75"/>'
    ridges = [_ridge(colour, 520 + 160 * layer, 130 - 14 * layer, chance) for layer, colour in enumerate(colours)]
    return sun + "".join(ridges)


def _ridge(colour: str, top: float, swing: float, chance: random.Random) -> str:
    first, second = chance.uniform(0, math.tau), chance.uniform(0, math.tau)
    waves = (chance.uniform(1.1, 2.1), chance.uniform(2.4, 4.2))
    points = []
    for x in range(0, WIDTH + 1, 20):
        at = x / WIDTH * math.tau
        points.append(
            f"{x},{top + swing * (math.sin(at * waves[0] + first) * 0.7 + math.sin(at * waves[1] + second) * 0.3):.0f}"
        )
    return f'<path d="M0,{HEIGHT} L{" L".join(points)} L{WIDTH},{HEIGHT} Z" fill="{colour}"/>'


def _arches(colours: Sequence[str], chance: random.Random) -> str:
    """Nested arches on a table, and a ball that found its place."""
    table = f'<rect y="930" width="{WIDTH}" height="270" fill="{colours[0]}"/>'
    middle, shapes = chance.randint(560, 1040), []
    for layer, colour in enumerate(colours):
        half = 420 - 100 * layer
        path = (
            f"M{middle - half},930 V{840 - half * 0.55:.0f} A{half},{half} 0 0 1 {middle + half},{840 - half * 0.55:.0f} V930 Z"
        )
        shapes.append(f'<path d="{path}" fill="{colour}"/>')
    side = -1 if middle > WIDTH / 2 else 1
    radius = chance.randint(80, 120)
    ball = f'<circle cx="{middle + side * 560}" cy="{930 - radius}" r="{radius}" fill="{colours[1]}"/>'
    shade = f'<ellipse cx="{middle}" cy="930" rx="520" ry="14" fill="#000" opacity="0.10"/>'
    return table + shade + "".join(shapes) + ball
