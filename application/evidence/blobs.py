"""Where sealed files lie: a directory, a folder for each stream, names that tell nothing of the contents."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from application.eventstore.database import DatabaseUnavailable
from application.eventstore.flushing import flush


class Blobs:
    """Sealed bytes by stream and name, in a directory of this machine.

    Raises `DatabaseUnavailable` where the disk is full or refuses: what isn't kept is never acknowledged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, stream_id: UUID, name: str) -> bool:
        """Return whether a blob is kept."""
        return self._place(stream_id, name).exists()

    def put(self, stream_id: UUID, name: str, blob: bytes) -> bool:
        """Keep a blob, and return whether it is new. It is on the disk when this returns."""
        place = self._place(stream_id, name)
        if place.exists():
            return False
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, partial = tempfile.mkstemp(prefix=".", dir=place.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(blob)
                    file.flush()
                    os.fsync(file.fileno())
                Path(partial).rename(place)
            except BaseException:
                Path(partial).unlink(missing_ok=True)
                raise
            for folder in (place.parent, place.parent.parent, self._folder):
                flush(folder)
        except OSError as error:
            raise DatabaseUnavailable(f"no file can be kept: {error.strerror}") from error
        return True

    def get(self, stream_id: UUID, name: str) -> bytes | None:
        """Return a blob; None where there is none."""
        try:
            return self._place(stream_id, name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DatabaseUnavailable(f"a file can't be read: {error.strerror}") from error

    def names(self, stream_id: UUID) -> frozenset[str]:
        """Return the names of the blobs of a stream."""
        folder = self._of(stream_id)
        return frozenset(p.name for p in folder.iterdir() if _is_blob(p)) if folder.is_dir() else frozenset()

    def streams(self) -> Iterator[UUID]:
        """Go through the streams that have a folder."""
        for folder in sorted(self._folder.glob("??/*")):
            try:
                yield UUID(folder.name)
            except ValueError:
                continue

    def forget(self, stream_id: UUID) -> None:
        """Take every blob of a stream away."""
        folder = self._of(stream_id)
        shutil.rmtree(folder, ignore_errors=True)
        if folder.parent.is_dir():
            flush(folder.parent)

    def _of(self, stream_id: UUID) -> Path:
        return self._folder / stream_id.hex[:2] / str(stream_id)

    def _place(self, stream_id: UUID, name: str) -> Path:
        return self._of(stream_id) / name


def _is_blob(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".")
