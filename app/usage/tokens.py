"""A guess at how many tokens a text has, for providers that do not count and for answers that broke off."""

from __future__ import annotations

ASCII_CHARS_PER_TOKEN = 4  # OpenAI's rule of thumb, help.openai.com/en/articles/4936856 (read 2026-11-23)
OTHER_CHARS_PER_TOKEN = 1.5
"""Between Cyrillic or Arabic (about 2) and Chinese or Japanese (about 1); high rather than low."""


def estimate_tokens(text: str) -> int:
    """Return about how many tokens `text` has; at least one for any text."""
    plain = len(text.encode("ascii", "ignore"))
    guess = plain / ASCII_CHARS_PER_TOKEN + (len(text) - plain) / OTHER_CHARS_PER_TOKEN
    return max(1, round(guess)) if text else 0
