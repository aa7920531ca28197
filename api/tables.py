"""A list as a whole: as lines of JSON, or as a table for spreadsheets with titles in the reader's language.

Both follow from the type of its items; a list says nothing of them itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from typing import Annotated, Any, cast, get_args, get_origin, get_type_hints

import falcon
import msgspec

from api import formats, query
from api.answer import Answer, Label, Page, encoder, sensitivities
from api.exchange import exchange_of
from api.language import Language, in_language
from api.operation import AnswerType
from application.access import Actor
from application.visibility import Purpose, Relation, visible
from domain.refusal import Text
from reports import cells

# What a list of files has beside its items: those that can't be read.
_UNREADABLE = "unreadable"
_FAULT = Text(zh="无法读取", en="Unreadable")
Run = Callable[[], Answer]


def item_of(answer: AnswerType) -> AnswerType | None:
    """Return the type of the items of a list, of each that it may be; None for what is no list."""
    if isinstance(answer, tuple):
        found = tuple(item for each in answer if (item := item_of(each)) is not None)
        return found or None
    if not (isinstance(answer, type) and issubclass(answer, Answer)):
        return None
    if issubclass(answer, Page):
        (base,) = vars(answer)["__orig_bases__"]
        (item,) = get_args(base)
    else:
        hint = get_type_hints(answer).get(answer.LISTS)
        item = get_args(hint)[0] if get_origin(hint) is list else None
    return item if isinstance(item, type) and issubclass(item, Answer) else None


def put_list(
    req: falcon.Request,
    resp: falcon.Response,
    run: Run,
    *,
    media: str,
    actor: Actor | None,
) -> None:
    """Answer with all of a list in a format that has no pages; `run` answers with one page of it, or all.

    Raises `Invalid` for a page of it, and what the first page is refused for.
    """
    query.refuse_pages(req)
    answered, items = _items(req, run)
    if media == formats.NDJSON:
        formats.put_lines(resp, map(encoder(principal=actor), items))
        return
    item = cast("type[Answer]", item_of(type(answered)))
    columns, language = _columns(item, actor), exchange_of(req).language
    header = [in_language(text, language) for text in (*columns.values(), _FAULT)]
    rows = (_row(each, columns, language) for each in items)
    formats.put_csv(resp, header, rows, filename=f"{(req.uri_template or 'list').rpartition('/')[2]}.csv")


def _items(req: falcon.Request, run: Run) -> tuple[Answer, Iterator[Answer]]:
    """Go through all pages; the first is there before anything is answered, and is returned as well."""
    asked = cast("dict[str, str]", req.params)
    asked["limit"] = str(query.LARGEST_PAGE)
    first = run()
    return first, chain.from_iterable(chain([_of_page(first)], _behind(first, asked, run)))


def _behind(page: Answer, asked: dict[str, str], run: Run) -> Iterator[Iterable[Answer]]:
    while isinstance(page, Page) and page.next is not None:
        asked["cursor"] = page.next
        page = run()
        yield _of_page(page)


def _of_page(page: Answer) -> Iterable[Answer]:
    return chain(getattr(page, page.LISTS), getattr(page, _UNREADABLE, ()))


@cache
def _titles(item: type[Answer]) -> Mapping[str, Text]:
    hints = get_type_hints(item, include_extras=True)
    return {name: _title(name, hint) for name, hint in hints.items()}


def _title(name: str, hint: Any) -> Text:
    metas = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    meta = next((each for each in metas if isinstance(each, msgspec.Meta) and each.extra), None)
    return Text(**meta.extra["title"]) if meta and meta.extra else Text(zh=name, en=name)


def _columns(item: type[Answer], actor: Actor | None) -> Mapping[str, Text]:
    """Return the titles of the columns that the actor is shown."""
    shown = visible(sensitivities(item), actor, Relation.WITHIN, Purpose.EXPORT)
    return {name: title for name, title in _titles(item).items() if name in shown}


def _row(item: Answer, columns: Mapping[str, Text], language: Language) -> list[str]:
    said = [cell_of(getattr(item, name, None), language) for name in columns]
    return [*said, cell_of(getattr(item, "fault", None), language)]


def cell_of(value: Any, language: Language) -> str:
    """Write a value as people read it: words by their labels, moments in Shanghai."""
    if value is msgspec.UNSET:
        return ""
    if isinstance(value, Label):
        return str(getattr(value, language))
    if isinstance(value, Answer):
        said = (getattr(value, name) for name in value.__struct_fields__)
        return " ".join(filter(None, (cell_of(each, language) for each in said)))
    if isinstance(value, Mapping) and value.keys() == {"zh", "en"}:
        return str(value[language])
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {cell_of(each, language)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(cell_of(each, language) for each in value)
    return cells.in_language(value, language)
