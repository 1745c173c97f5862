"""What the studio offers by name: the four kinds of work, the places a picture goes to, the looks it can have."""

from __future__ import annotations

TABS = ("picture", "speech", "clip", "transcript")

NETWORK_WORDS = {
    "instagram": "Instagram post, 4:5",
    "story": "Story or Reel, 9:16",
    "linkedin": "LinkedIn, 1.91:1",
    "square": "Square, 1:1",
    "youtube": "YouTube, 16:9",
}
NETWORK_ASPECTS = {
    "instagram": "portrait",
    "story": "story",
    "linkedin": "link",
    "square": "square",
    "youtube": "youtube",
}
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


BRAND = ("#0f5f57", "#c2410c", "#f0e8d6")
"""What the three wells open with."""
