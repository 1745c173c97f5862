"""What the studio offers by name: the four kinds of work, the places a picture goes to, the looks it can have."""

from __future__ import annotations

TABS = ("picture", "speech", "clip", "transcript")

NETWORK_WORDS = {
    "instagram": "Instagram post, 4:5",
    "story": "Story or Reel, 9:16",
    "linkedin": "LinkedIn, 1.91:1",
    "square": "Square, 1:1",
    "youtube": "YouTube, 16:9",
    "blog": "Blog picture, 3:2",
}
NETWORK_ASPECTS = {
    "instagram": "portrait",
    "story": "story",
    "linkedin": "link",
    "square": "square",
    "youtube": "wide",
    "blog": "landscape",
}
RATIOS = {"square": 1.0, "portrait": 0.8, "story": 0.5625, "landscape": 1.5, "wide": 1.7778, "link": 1.91}
"""Width over height, for the place in which something will hang."""

STYLE_WORDS = {
    "editorial": "Editorial",
    "bold": "Bold",
    "geometric": "Geometric",
    "night": "Night",
    "proof": "Proof sheet",
}
"""The looks that the built-in composer knows by name; a model reads the word."""

COUNTS = ("1", "2", "4")
SPEEDS = {"0.8": "0.8×", "0.9": "0.9×", "1.0": "1×", "1.1": "1.1×", "1.25": "1.25×"}


def ratio_of(tab: str, network: str) -> float:
    """Return the ratio in which the result of a form will hang on the wall."""
    if tab in ("speech", "transcript"):
        return 3.2 if tab == "speech" else 1.6
    return RATIOS.get(NETWORK_ASPECTS.get(network, ""), 1.0)


BRAND = ("#0f5f57", "#c2410c", "#f0e8d6")
"""What the three wells open with."""
