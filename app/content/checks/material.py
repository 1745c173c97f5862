"""The text of one run and its brief, taken apart once for all checks."""

from __future__ import annotations

from functools import cached_property

import regex

from app.content.checks.figures import known_values
from app.content.checks.links import address_key, find_emails, find_urls
from app.content.checks.model import CheckContext
from app.content.checks.moments import months_named
from app.content.checks.words import words
from app.content.folding import fold
from app.content.markup import without_code
from app.content.outputs import Output, look_up
from app.content.profiles import LANGUAGES

_KEYED_BY_CODE = frozenset({"one_of", "key_in_range"})
_SLOT = regex.compile(r"\{\{[^{}\n]{0,80}\}\}|%[a-z_]{1,40}%")
_HANDLE = regex.compile(r"(?<!\w)[@#][\w-]{1,100}")


class Material:
    """An output beside everything it may be compared with. Nothing here changes after it is worked out."""

    def __init__(self, output: Output, context: CheckContext) -> None:
        self.output = output
        self.context = context
        self.language = context.locale

    @cached_property
    def brief(self) -> str:
        """Everything the writer was given: the inputs and the passages."""
        return "\n\n".join((self.context.inputs.source_text, *self.context.sources))

    @cached_property
    def brief_folded(self) -> str:
        """The brief as it is compared."""
        return fold(self.brief)

    @cached_property
    def brief_values(self) -> frozenset[str]:
        """Every value that the brief can be said to hold, in any language of ours."""
        months = {str(month) for month in months_named(self.brief)}
        return known_values(self.brief, (self.language, *LANGUAGES)) | months

    @cached_property
    def brief_words(self) -> frozenset[str]:
        """The folded words of the brief."""
        return frozenset(fold(span.text) for span in words(self.brief))

    @cached_property
    def brief_addresses(self) -> frozenset[str]:
        """The web addresses of the brief, comparable."""
        urls = {address_key(link.text) for link in find_urls(self.brief)}
        return frozenset(urls | {address_key(str(value)) for value in self._url_fields()})

    def _url_fields(self) -> list[object]:
        fields = self.context.template.fields
        return [
            value for field in fields if field.type == "url" and (value := self.context.inputs.values.get(field.name))
        ]

    @cached_property
    def everything(self) -> tuple[tuple[str, str], ...]:
        """Every text of the output with its path; numbers as text."""
        return tuple((value.path, str(value.value)) for value in look_up(self.output, "."))

    @cached_property
    def prose(self) -> tuple[tuple[str, str], ...]:
        """What a reader reads, with its path: no code, and no values that stand for a choice (`risk: high`)."""
        coded = self._coded_paths()
        texts = [
            (value.path, without_code(value.value))
            for value in look_up(self.output, ".")
            if isinstance(value.value, str) and value.path not in coded and value.value.strip()
        ]
        return tuple(texts)

    def _coded_paths(self) -> set[str]:
        paths: set[str] = set()
        for spec in self.context.template.checks:
            if spec.kind in _KEYED_BY_CODE:
                at = spec.at or spec.text("key")
                paths |= {value.path for value in look_up(self.output, at)} if at else set()
        return paths

    @cached_property
    def own_words(self) -> str:
        """The prose the writer chose: without addresses, slots, handles and long passages taken over from the brief."""
        texts = [self._stripped(text) for _, text in self.prose]
        chosen = [text for text in texts if len(text) < 25 or fold(text) not in self.brief_folded]
        letters = sum(char.isalpha() for text in chosen for char in text)
        return "\n".join(chosen if letters >= 40 else texts)

    @staticmethod
    def _stripped(text: str) -> str:
        links = sorted((*find_urls(text), *find_emails(text)), reverse=True)
        for link in links:
            text = text[: link.start] + " " + text[link.end :]
        stripped: str = _HANDLE.sub(" ", _SLOT.sub(" ", text))
        return stripped
