"""Print the words of a list that papers are not read by: `python -m tests.papers.known_words WORDS.tsv`.

The list has columns `word`, `zh_hant` (several parted by |) and `identifier`; identifiers that begin with NEW
are left out. To be run by hand: which of what is printed belongs to a paper is for a reader to say.
"""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from application.intake.papers.words import normal, words


def known_words() -> frozenset[str]:
    """Return every word that is known, as a heading or in a cell."""
    every = words()
    found = {word for said in every.anywhere.values() for word in said}
    for sheet in every.sheets.values():
        found |= {*sheet.headings, *sheet.groups, *sheet.kinds, *sheet.people, *sheet.took_place}
        found |= {word for said in (*sheet.values.values(), *sheet.others.values()) for word in said}
    return frozenset(found)


def unknown(file: Path) -> Iterator[tuple[str, str]]:
    """Go through the words that are not known, each with its identifier."""
    known = known_words()
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if not row["identifier"].startswith("NEW"):
                for word in (row["word"], *filter(None, row["zh_hant"].split("|"))):
                    if normal(word) not in known:
                        yield word, row["identifier"]


if __name__ == "__main__":
    for word, identifier in unknown(Path(sys.argv[1])):
        sys.stdout.write(f"{identifier}\t{word}\n")
