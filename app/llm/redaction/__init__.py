"""Personal data stays here: a provider sees placeholders, whoever asked sees the values again.

shield() takes the values out of a prompt, Vault keeps them while the answer is written, Opener puts them back.
"""

from app.llm.redaction.vault import Opener, Vault, shield

__all__ = ["Opener", "Vault", "shield"]
