"""The library: found, shown, named, sorted, followed to where things come from and where they are used.

Titles, alt texts, tags and prompts are content and sealed; a search opens the newest of them and reads them in memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.crypto import DataKey
from app.core.errors import InvalidInput, NotFound
from app.core.text import one_line, storable
from app.media import captions as subtitles
from app.media import queries
from app.media.asking import title_of
from app.media.cuts import is_draft
from app.media.errors import NotReady
from app.media.models import Asset, AssetFolder, AssetTag, AssetTie
from app.media.outcomes import read_outcome
from app.media.picture_words import told
from app.media.queries import Position
from app.media.recipes import read_recipe
from app.media.schemas import (
    AssetDetail,
    AssetView,
    Filters,
    FolderView,
    Lineage,
    Rights,
    TagView,
    TextForm,
    Tie,
)
from app.media.views import views
from app.storage import links
from app.storage import service as storage

SEARCHED = 1_000
TAGS_SHOWN = 200
MOST_TAGS = 20
TAG_CHARACTERS = 40
MOST_FOLDERS = 500
NOTE_CHARACTERS = 2_000
ALT_CHARACTERS = 1_000
RIGHTS: tuple[Rights, ...] = ("own", "licensed", "generated", "unknown")


async def list_assets(
    ctx: Context, *, filters: Filters | None = None, limit: int = 50, after: Position | None = None
) -> tuple[list[AssetView], Position | None]:
    """Return a page of assets, newest first, and where the next page begins; of the trash, last thrown away first.

    A search looks through the newest 1,000 that pass the other filters, and gives one page.
    """
    filters = filters or Filters()
    words = one_line(filters.search).casefold().split()
    async with ctx.db.read() as session:
        chosen = {
            "kind": filters.kind,
            "origin": filters.origin,
            "rights": filters.rights,
            "folder_id": filters.folder_id,
            "tag_digest": _digest(session, filters.tag) if filters.tag else "",
            "in_trash": filters.in_trash,
        }
        if not words:
            rows = list(await queries.page(session, limit=limit + 1, after=after, **chosen))  # type: ignore[arg-type]  # names and types as above
            page = rows[:limit]
            end = (page[-1].deleted_at or page[-1].created_at, page[-1].id) if len(rows) > limit else None
            return await views(session, page), end
        newest = await queries.page(session, limit=SEARCHED, **chosen)  # type: ignore[arg-type]  # as above
        tags = await queries.tags_of(session, [row.id for row in newest])
        found = [row for row in newest if _matches(row, tags.get(row.id, []), words)]
        return await views(session, found[:limit]), None


def _matches(row: Asset, tags: Sequence[AssetTag], words: Sequence[str]) -> bool:
    recipe = read_recipe(row.recipe)
    texts = (row.title, row.alt_text, recipe.prompt, recipe.look.headline, *(tag.label for tag in tags))
    everything = " ".join(texts).casefold()
    return all(word in everything for word in words)


async def show(ctx: Context, *, asset_id: UUID) -> AssetDetail:
    """Return an asset with its recipe, and what became of it.

    Raises:
        NotFound: there is none of that id.
    """
    async with ctx.db.read() as session:
        asset = _found(await queries.live(session, asset_id))
        view = (await views(session, [asset]))[0]
    outcome = read_outcome(asset.recipe)
    return AssetDetail(view, read_recipe(asset.recipe), told(outcome) if outcome else None)


def _found(asset: Asset | None) -> Asset:
    if asset is None:
        raise NotFound
    return asset


@dataclass(frozen=True, slots=True)
class Change:
    """What a person changes of an asset; None leaves a thing as it is. `no_folder` takes it out of its folder."""

    title: str | None = None
    alt_text: str | None = None
    rights: Rights | None = None
    licence_note: str | None = None
    tags: tuple[str, ...] | None = None
    folder_id: UUID | None = None
    no_folder: bool = False


async def change(ctx: Context, *, asset_id: UUID, to: Change) -> AssetView:
    """Change what is said of an asset.

    Raises:
        NotFound: there is no such asset or folder.
        InvalidInput: an empty title, too many tags, something too long.
    """
    async with ctx.db.write() as session:
        asset = _found(await queries.locked(session, asset_id))
        if to.title is not None:
            asset.title = title_of(to.title)
        if to.alt_text is not None:
            asset.alt_text = _short(one_line(to.alt_text), ALT_CHARACTERS, "alt_text")
        if to.licence_note is not None:
            asset.licence_note = _short(storable(to.licence_note).strip(), NOTE_CHARACTERS, "licence_note")
        if to.rights is not None:
            asset.rights = to.rights
        if to.no_folder:
            asset.folder_id = None
        elif to.folder_id is not None:
            if await session.get(AssetFolder, to.folder_id) is None:
                raise NotFound
            asset.folder_id = to.folder_id
        if to.tags is not None:
            await _put_tags(session, asset.id, to.tags)
        asset.updated_at = ctx.ports.clock.now()
        await session.flush()
        return (await views(session, [asset]))[0]


def _short(text: str, limit: int, field: str) -> str:
    if len(text) > limit:
        raise InvalidInput(
            "This is longer than {limit} characters.", code="media.too_long", field=field, params={"limit": limit}
        )
    return text


async def _put_tags(session: AsyncSession, asset_id: UUID, labels: Sequence[str]) -> None:
    wanted = {_digest(session, label): one_line(label) for label in labels if one_line(label)}
    if len(wanted) > MOST_TAGS or any(len(label) > TAG_CHARACTERS for label in wanted.values()):
        raise InvalidInput(
            "An asset has at most {limit} tags of at most {characters} characters each.",
            code="media.tags", field="tags", params={"limit": MOST_TAGS, "characters": TAG_CHARACTERS},
        )  # fmt: skip
    await queries.drop_tags(session, asset_id)
    session.add_all(AssetTag(asset_id=asset_id, label=label, digest=digest) for digest, label in wanted.items())


def _digest(session: AsyncSession, label: str) -> str:
    key: DataKey = session.info["data_key"]
    return key.digest(f"asset tag|{one_line(label).casefold()}")


async def tags(ctx: Context) -> list[TagView]:
    """Return the tags in use, the most used first."""
    async with ctx.db.read() as session:
        return [TagView(tag.label, uses) for tag, uses in await queries.tags_by_use(session, limit=TAGS_SHOWN)]


async def folders(ctx: Context) -> list[FolderView]:
    """Return the folders by name."""
    async with ctx.db.read() as session:
        found = [FolderView(row.id, row.name, inside) for row, inside in await queries.folders(session)]
    return sorted(found, key=lambda folder: folder.name.casefold())


async def make_folder(ctx: Context, *, name: str) -> FolderView:
    """Make a folder; one of that name that is there already is returned.

    Raises:
        InvalidInput: no name, or a folder too many.
    """
    name = title_of(name)
    async with ctx.db.write() as session:
        known = await queries.folders(session)
        for row, inside in known:
            if row.name.casefold() == name.casefold():
                return FolderView(row.id, row.name, inside)
        if len(known) >= MOST_FOLDERS:
            raise InvalidInput(
                "There are {limit} folders. Remove one first.", code="media.folders", field="name",
                params={"limit": MOST_FOLDERS},
            )  # fmt: skip
        made = AssetFolder(name=name, created_at=ctx.ports.clock.now())
        session.add(made)
    return FolderView(made.id, name, 0)


async def rename_folder(ctx: Context, *, folder_id: UUID, name: str) -> None:
    """Give a folder another name.

    Raises:
        NotFound: there is none of that id.
    """
    async with ctx.db.write() as session:
        row = await session.get(AssetFolder, folder_id)
        if row is None:
            raise NotFound
        row.name = title_of(name)


async def delete_folder(ctx: Context, *, folder_id: UUID) -> None:
    """Remove a folder; what lies in it stays in the library.

    Raises:
        NotFound: there is none of that id.
    """
    async with ctx.db.write() as session:
        row = await session.get(AssetFolder, folder_id)
        if row is None:
            raise NotFound
        await queries.empty_folder(session, folder_id)
        await session.delete(row)


@dataclass(frozen=True, slots=True)
class Content:
    """What can be read of an asset."""

    name: str
    media_type: str
    size_bytes: int
    file_id: UUID
    is_draft: bool = False


async def content(ctx: Context, *, asset_id: UUID) -> Content:
    """Return which bytes an asset consists of.

    Raises:
        NotFound: there is no such asset, or its bytes are lost.
        NotReady: it is not finished, or has none.
    """
    async with ctx.db.read() as session:
        asset = _found(await queries.live(session, asset_id))
    return await _content(ctx, asset, asset.file_id)


async def preview(ctx: Context, *, asset_id: UUID, in_trash: bool = False) -> Content:
    """Return which bytes show an asset, or one that lies in the trash: the one thing that can be seen of it there.

    Raises:
        NotFound, NotReady: as for content.
    """
    async with ctx.db.read() as session:
        asset = _found(await (queries.in_trash if in_trash else queries.live)(session, asset_id))
    return await _content(ctx, asset, asset.preview_id)


async def linked(ctx: Context, *, file_id: UUID) -> Content:
    """Return what a link to a file leads to.

    Raises:
        NotFound: no asset holds it, or the one that does lies in the trash.
    """
    async with ctx.db.read() as session:
        asset = _found(await queries.holder_of(session, file_id))
    return await _content(ctx, asset, file_id)


async def _content(ctx: Context, asset: Asset, file_id: UUID | None) -> Content:
    if file_id is None:
        raise NotReady
    file = await storage.describe(ctx, file_id=file_id)
    return Content(file.name, file.media_type, file.size_bytes, file_id, is_draft(asset))


async def read(ctx: Context, found: Content, *, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
    """Return the bytes [start, stop) of it; the caller iterates or closes them."""
    _, chunks = await storage.read(ctx, file_id=found.file_id, start=start, stop=stop)
    return chunks


async def link(ctx: Context, *, asset_id: UUID, minutes: int | None = None) -> links.Link:
    """Return a link to an asset's content that works without a sign-in, for a time.

    Raises:
        NotFound, NotReady: as for content.
        InvalidInput: no time at all, or more than the operator allows.
    """
    found = await content(ctx, asset_id=asset_id)
    return await links.make(ctx, file_id=found.file_id, minutes=minutes)


async def captions(ctx: Context, *, asset_id: UUID, form: TextForm = "vtt") -> str:
    """Return the captions of a sound or clip, or a transcript.

    Raises:
        NotFound: there is no such asset.
        NotReady: it has none.
    """
    async with ctx.db.read() as session:
        asset = _found(await queries.live(session, asset_id))
    if not asset.captions:
        raise NotReady
    if form == "vtt":
        return asset.captions
    found, _ = subtitles.read(asset.captions)
    return subtitles.write_srt(found) if form == "srt" else "\n".join(" ".join(one.text.split()) for one in found)


async def caption_faults(ctx: Context, *, asset_id: UUID) -> tuple[subtitles.CaptionFault, ...]:
    """Return what keeps a reader from following an asset's captions.

    Raises:
        NotFound, NotReady: as for captions.
    """
    found, _ = subtitles.read(await captions(ctx, asset_id=asset_id))
    recipe = (await show(ctx, asset_id=asset_id)).recipe
    return subtitles.faults(found, locale=recipe.translate_to or recipe.locale)


async def lineage(ctx: Context, *, asset_id: UUID) -> Lineage:
    """Return what an asset was made from and where it is used.

    Raises:
        NotFound: there is none of that id.
    """
    async with ctx.db.read() as session:
        _found(await queries.live(session, asset_id))
        ties = await queries.ties_of(session, asset_id)
        sources = await queries.by_ids(session, [tie.other_id for tie in ties if tie.other_kind == "asset"])
        made = await queries.made_of(session, asset_id)
    ends = {relation: tuple(_end(t, sources) for t in ties if t.relation == relation) for relation in _RELATIONS}
    children = tuple(Tie("asset", row.id, row.title, is_there=True) for row in made)
    return Lineage(made_from=ends["made_from"], used_in=(*ends["used_in"], *children))


_RELATIONS = ("made_from", "used_in")


def _end(tie: AssetTie, sources: dict[UUID, Asset]) -> Tie:
    source = sources.get(tie.other_id)
    kind = cast(Literal["asset", "document"], tie.other_kind)
    return Tie(kind, tie.other_id, source.title if source else "", is_there=kind == "document" or source is not None)


async def use_in_document(ctx: Context, *, asset_id: UUID, document_id: UUID) -> None:
    """Note that a document uses an asset; the caller has seen that the document is there. Twice is once.

    Raises:
        NotFound: there is no such asset.
        NotReady: it is not finished.
    """
    async with ctx.db.write() as session:
        asset = _found(await queries.locked(session, asset_id))
        if asset.state != "ready":
            raise NotReady
        if await queries.tie(session, asset_id, "used_in", document_id) is None:
            now = ctx.ports.clock.now()
            session.add(AssetTie(
                asset_id=asset_id, relation="used_in", other_kind="document", other_id=document_id, created_at=now
            ))  # fmt: skip
