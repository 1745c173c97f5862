"""Reads the catalogue from its files, once. What does not fit is refused with the file and the key at fault.

catalogue/categories.yaml      catalogue/<category>/<id>.yaml
limits.yaml   banned.yaml      locales/<language>.yaml      samples/<language>.yaml
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import pydantic
import yaml

from app.content.catalogue_rules import Surroundings, broken_rule
from app.content.catalogue_strings import template_strings
from app.content.profiles import LANGUAGES, LocaleProfile
from app.content.search import SearchIndex
from app.content.strict_yaml import read_yaml
from app.content.template import BannedList, Limit, Strict, Template
from app.core.errors import NotFound

FOLDER = Path(__file__).parent
SOURCE_LANGUAGE = "en"

Model = TypeVar("Model", bound=pydantic.BaseModel)
Sample = Mapping[str, object]


class CatalogueError(ValueError):
    """A file of the catalogue is wrong; the text names the file and the key."""


class Category(Strict):
    """One shelf of the gallery."""

    name: str
    purpose: str


@dataclass(frozen=True)
class Catalogue:
    """Everything that was loaded. Templates and categories are in the order of the gallery."""

    templates: Mapping[str, Template]
    categories: Mapping[str, Category]
    limits: Mapping[str, Limit]
    banned: Mapping[str, BannedList]
    profiles: Mapping[str, LocaleProfile]
    folder: Path = FOLDER
    index: SearchIndex = field(default_factory=SearchIndex, repr=False)

    def get(self, template_id: str) -> Template:
        """Return one template.

        Raises:
            NotFound: there is none of that name.
        """
        try:
            return self.templates[template_id]
        except KeyError:
            raise NotFound(code="template.not_found", field="template") from None

    def all(self) -> tuple[Template, ...]:
        """Return every template, category by category."""
        return tuple(self.templates.values())

    def profile(self, language: str) -> LocaleProfile:
        """Return the profile of a language.

        Raises:
            NotFound: Galley does not write that language.
        """
        try:
            return self.profiles[language]
        except KeyError:
            raise NotFound(code="language.not_found", field="language") from None

    def search(self, query: str, locale: str = SOURCE_LANGUAGE) -> list[Template]:
        """Return the templates that answer `query`, best first; a blank query gives all of them."""
        return [self.templates[template_id] for template_id in self.index.search(query, locale)]

    def sample(self, template_id: str, locale: str = SOURCE_LANGUAGE) -> dict[str, object]:
        """Return a working brief for a template in a language; English where that language has none.

        Raises:
            NotFound: there is no such template.
        """
        self.get(template_id)
        samples = load_samples(self.folder, locale) if locale in self.profiles else {}
        found = samples.get(template_id) or load_samples(self.folder, SOURCE_LANGUAGE)[template_id]
        return dict(found)

    def translated(self, strings: Mapping[str, Mapping[str, str]]) -> Catalogue:
        """Return a catalogue that also finds translated names, purposes and synonyms: language to key to text."""
        return replace(self, index=SearchIndex.of(self.all(), category_names(self.categories), strings))

    def translatable_strings(self) -> dict[str, str]:
        """Return every text of the catalogue that a screen shows: key to English."""
        strings: dict[str, str] = {}
        for category_id, category in self.categories.items():
            strings[f"category.{category_id}.name"] = category.name
            strings[f"category.{category_id}.purpose"] = category.purpose
        for template in self.all():
            strings |= template_strings(template)
        return strings

    def not_built(self, kinds: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return, by template, the kinds of check outside `kinds`: they are allowed, and show as not checked."""
        built = set(kinds)
        missing = {
            template.id: tuple(dict.fromkeys(check.kind for check in template.checks if check.kind not in built))
            for template in self.all()
        }
        return {template_id: unknown for template_id, unknown in missing.items() if unknown}


@functools.cache
def load_catalogue(folder: Path = FOLDER) -> Catalogue:
    """Return the catalogue, read once for each process.

    Raises:
        CatalogueError: a file is missing, malformed or contradicts another one.
    """
    categories = _mapping_of(Category, folder / "catalogue" / "categories.yaml")
    limits = _mapping_of(Limit, folder / "limits.yaml")
    banned = _mapping_of(BannedList, folder / "banned.yaml")
    surroundings = Surroundings(limits=frozenset(limits), banned=frozenset(banned), categories=frozenset(categories))
    found = (_template(path, surroundings) for path in sorted((folder / "catalogue").glob("*/*.yaml")))
    by_shelf = sorted(found, key=lambda template: list(categories).index(template.category))
    templates: dict[str, Template] = {}
    for template in by_shelf:
        if template.id in templates:
            raise CatalogueError(f"catalogue/{template.category}/{template.id}.yaml: id: used by another category too")
        templates[template.id] = template
    samples = load_samples(folder, SOURCE_LANGUAGE)
    if missing := sorted(templates.keys() - samples.keys()):
        raise CatalogueError(f"samples/{SOURCE_LANGUAGE}.yaml: no sample for {', '.join(missing)}")
    if extra := sorted(samples.keys() - templates.keys()):
        raise CatalogueError(f"samples/{SOURCE_LANGUAGE}.yaml: {extra[0]}: there is no such template")
    return Catalogue(
        templates=templates,
        categories=categories,
        limits=limits,
        banned=banned,
        profiles=_profiles(folder / "locales"),
        folder=folder,
        index=SearchIndex.of(tuple(templates.values()), category_names(categories), {}),
    )


@functools.cache
def load_samples(folder: Path, language: str) -> Mapping[str, Sample]:
    """Return the sample briefs of a language by template; empty where the language has no file.

    Raises:
        CatalogueError: the file is malformed.
    """
    path = folder / "samples" / f"{language}.yaml"
    if not path.exists():
        return {}
    samples = _read(path)
    for template_id, sample in samples.items():
        if not isinstance(sample, dict) or not sample:
            raise CatalogueError(f"{_name(path)}: {template_id}: a sample is a mapping of field to value")
    return {template_id: sample for template_id, sample in samples.items() if isinstance(sample, dict)}


def category_names(categories: Mapping[str, Category]) -> dict[str, str]:
    """Return the English name of each category."""
    return {category_id: category.name for category_id, category in categories.items()}


def _template(path: Path, surroundings: Surroundings) -> Template:
    template = _model(Template, _read(path), path)
    if template.id != path.stem:
        raise CatalogueError(f"{_name(path)}: id: {template.id} differs from the name of the file")
    if template.category != path.parent.name:
        raise CatalogueError(f"{_name(path)}: category: {template.category} differs from the name of the folder")
    if broken := broken_rule(template, surroundings):
        raise CatalogueError(f"{_name(path)}: {broken}")
    return template


def _profiles(folder: Path) -> dict[str, LocaleProfile]:
    profiles: dict[str, LocaleProfile] = {}
    for language in LANGUAGES:
        path = folder / f"{language}.yaml"
        profile = profiles[language] = _model(LocaleProfile, _read(path), path)
        if profile.code != language:
            raise CatalogueError(f"{_name(path)}: code: {profile.code} differs from the name of the file")
    return profiles


def _mapping_of(model: type[Model], path: Path) -> dict[str, Model]:
    return {key: _model(model, value, path, key) for key, value in _read(path).items()}


def _model(model: type[Model], raw: object, path: Path, *at: str) -> Model:
    try:
        return model.model_validate(raw)
    except pydantic.ValidationError as wrong:
        first = wrong.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(step) for step in (*at, *first["loc"])) or "(file)"
        raise CatalogueError(f"{_name(path)}: {place}: {first['msg']}") from None


def _read(path: Path) -> dict[str, object]:
    try:
        raw = read_yaml(path)
    except OSError as problem:
        raise CatalogueError(f"{_name(path)}: cannot be read: {problem.strerror}") from None
    except yaml.YAMLError as problem:
        raise CatalogueError(f"{_name(path)}: {' '.join(str(problem).split())}") from None
    if not isinstance(raw, dict) or not all(isinstance(key, str) for key in raw):
        raise CatalogueError(f"{_name(path)}: (file): must be a mapping with text as its keys")
    return raw


def _name(path: Path) -> str:
    """Return a file's name as the errors give it: its folder, the folder above for a template, and itself."""
    parts = path.parts[-3:] if path.parent.parent.name == "catalogue" else path.parts[-2:]
    return "/".join(parts)
