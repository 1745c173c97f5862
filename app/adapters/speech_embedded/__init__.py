"""The built-in voice: espeak-ng in a child process."""

from app.adapters.speech_embedded.adapter import EmbeddedSpeech

__all__ = ["EmbeddedSpeech"]
