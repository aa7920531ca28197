"""What calamine doesn't tell of an XLS workbook (MS-CFB, MS-XLS): hidden rows, and cells struck through."""

from collections.abc import Iterator, Mapping
from itertools import count
from struct import error as struct_error
from struct import unpack_from

from application.intake.sheets.opendocument import Look

_STREAMS = ("Workbook", "Book")
_END_OF_CHAIN, _IN_HEADER = 0xFFFFFFFA, 109
_BOF, _EOF, _FONT, _FORMAT_OF_CELL, _SHEET, _ROW = 0x809, 0x0A, 0x31, 0xE0, 0x85, 0x208
_CELLS, _MANY = frozenset((0x203, 0x27E, 0xFD, 0x204, 0x06, 0x205)), 0xBD
_STRUCK, _HIDDEN = 0x08, 0x20
_SHORTEST = 4
# Of the fonts there is none with the number 4.
_NO_FONT = 4


def old_looks(data: bytes) -> Mapping[str, Look]:
    """Return how the sheets of a workbook look, by their names; nothing of one that is out of order."""
    try:
        book = _stream(data)
        return dict(_sheets(book)) if book else {}
    except (struct_error, IndexError, ValueError):
        # Its values were read; what is damaged beside them says nothing.
        return {}


def _stream(data: bytes) -> bytes:
    """Return the stream of the workbook within the file; b"" where it has none of a whole sector."""
    (shift,) = unpack_from("<H", data, 30)
    size = 1 << shift
    tables, directory = unpack_from("<II", data, 44)
    (smallest,) = unpack_from("<I", data, 56)
    more, further = unpack_from("<II", data, 68)
    # Whatever the file says of itself, its tables have a place for each of its sectors, and no more.
    sectors, each_has = len(data) // size, size // 4
    places = [*unpack_from(f"<{_IN_HEADER}I", data, 76)]
    for _ in range(min(further, sectors // each_has + 1)):
        part = unpack_from(f"<{each_has}I", data, size * (more + 1))
        places += part[:-1]
        more = part[-1]
    fat = [
        each
        for place in places[: min(tables, sectors // each_has + 1)]
        for each in unpack_from(f"<{each_has}I", data, size * (place + 1))
    ]
    entries = _chain(data, fat, directory, size)
    for at in range(0, len(entries), 128):
        (length,) = unpack_from("<H", entries, at + 64)
        name = entries[at : at + max(length - 2, 0)].decode("utf-16-le")
        first, long = unpack_from("<II", entries, at + 116)
        if name in _STREAMS and long >= smallest:
            return _chain(data, fat, first, size)[:long]
    return b""


def _chain(data: bytes, fat: list[int], first: int, size: int) -> bytes:
    """Return what stands in the sectors of a chain, none of which stands in it twice."""
    found: list[bytes] = []
    while first < _END_OF_CHAIN and len(found) <= len(fat):
        found.append(data[size * (first + 1) : size * (first + 2)])
        first = fat[first]
    return b"".join(found)


def _records(book: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Go through the records from a place to the end of what begins there: the kind and place of each."""
    depth = 0
    while at + 4 <= len(book):
        kind, long = unpack_from("<HH", book, at)
        depth += (kind == _BOF) - (kind == _EOF)
        yield kind, at + 4
        if depth <= 0:
            return
        at += 4 + long


def _sheets(book: bytes) -> Iterator[tuple[str, Look]]:
    fonts: list[bool] = []
    formats: list[int] = []
    sheets: list[tuple[str, int]] = []
    for kind, at in _records(book, 0):
        if kind == _FONT:
            fonts.append(bool(unpack_from("<H", book, at + 2)[0] & _STRUCK))
        elif kind == _FORMAT_OF_CELL:
            formats += unpack_from("<H", book, at)
        elif kind == _SHEET:
            long, wide = unpack_from("<BB", book, at + 6)
            name = book[at + 8 : at + 8 + long * (1 + (wide & 1))]
            sheets.append(
                (name.decode("utf-16-le" if wide & 1 else "latin-1"), unpack_from("<I", book, at)[0])
            )
    struck = {n for n, font in enumerate(formats) if fonts[font - (font > _NO_FONT)]}
    # Sheets that lie within each other are read as often as the stream is long, all together.
    left = count(len(book), -_SHORTEST)
    for title, begin in sheets:
        yield title, _look(book, begin, struck, left)


def _look(book: bytes, begin: int, struck: set[int], left: Iterator[int]) -> Look:
    look = Look()
    for (kind, at), more in zip(_records(book, begin), left, strict=False):
        if more < 0:
            break
        if kind == _ROW and unpack_from("<H", book, at + 12)[0] & _HIDDEN:
            look.hidden.append((unpack_from("<H", book, at)[0], 1))
        elif kind in _CELLS:
            row, column, how = unpack_from("<HHH", book, at)
            if how in struck:
                look.struck.append((row, 1, column, 1))
        elif kind == _MANY:
            (long,) = unpack_from("<H", book, at - 2)
            row, column = unpack_from("<HH", book, at)
            for n in range((long - 6) // 6):
                if unpack_from("<H", book, at + 4 + 6 * n)[0] in struck:
                    look.struck.append((row, 1, column + n, 1))
    return look
