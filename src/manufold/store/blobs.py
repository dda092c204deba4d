"""Files and personal data, one file each: content, what it is and its salt go together, at once.

A blob is a line of canonical JSON (about, salt, size, digest) and then the content, in one file
that appears whole by a link and disappears whole by an unlink. Once it is gone, the salt is gone,
and the digest that an event carries says nothing about the content any more.
"""

import hashlib
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from manufold.model.codec import canonical, from_json
from manufold.model.errors import Conflict, InputFault, StoreFault
from manufold.model.ids import checked_id
from manufold.model.ledger import document_text
from manufold.store.files import disk_refusals, sync_folder, write_whole

__all__ = ["FileBlobs"]

_SALT_BYTES = 16
_STALE_S = 3600  # a part older than this was left by a crash


class FileBlobs:
    """Blobs in a folder, spread over 1,024 folders by the end of their ids.

    Args:
        folder: made when absent; parts of files that a crash left behind are swept out of it.
    """

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        with disk_refusals("blobs.unwritable"):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._sweep()

    def put(self, blob_id: str, content: bytes, about: Mapping[str, Any]) -> str:
        """Keep bytes and what they are; return a salted digest fit for an event.

        Raises:
            InputFault: `ids.malformed`, `store.data_wrong`.
            Conflict: `blobs.exists`.
            StoreFault: `blobs.unwritable`.
        """
        path = self._path(blob_id)
        document_text(about, blob_id)
        salt = secrets.token_bytes(_SALT_BYTES)
        digest = hashlib.sha256(salt + content).hexdigest()
        label = {"about": about, "salt": salt.hex(), "size": len(content), "digest": digest}
        with disk_refusals("blobs.unwritable"):
            if not path.parent.exists():
                path.parent.mkdir(exist_ok=True)
                sync_folder(self._folder)
            try:
                whole = canonical(label) + b"\n" + content
                write_whole(path, whole, private=True, replace=False)
            except FileExistsError:
                raise Conflict("blobs.exists", blob=blob_id) from None
        return digest

    def get(self, blob_id: str) -> tuple[bytes, Mapping[str, Any]]:
        """Return bytes and what they are.

        Raises:
            InputFault: `ids.malformed`, `blobs.gone`.
            StoreFault: `blobs.damaged`, `blobs.unwritable`.
        """
        path = self._path(blob_id)
        with disk_refusals("blobs.unwritable"):
            try:
                whole = path.read_bytes()
            except FileNotFoundError:
                raise InputFault("blobs.gone", blob=blob_id) from None
        line, _, content = whole.partition(b"\n")
        try:
            label = from_json(line)
            salt = bytes.fromhex(label["salt"])
            about: Mapping[str, Any] = label["about"]
            sound = label["digest"] == hashlib.sha256(salt + content).hexdigest()
        except (InputFault, KeyError, TypeError, ValueError):
            sound = False
        if not sound:
            raise StoreFault("blobs.damaged", blob=blob_id)
        return content, about

    def delete(self, blob_id: str) -> bool:
        """Delete bytes, name and salt for good; True when there was something.

        Raises:
            InputFault: `ids.malformed`.
            StoreFault: `blobs.unwritable`.
        """
        path = self._path(blob_id)
        with disk_refusals("blobs.unwritable"):
            try:
                path.unlink()
            except FileNotFoundError:
                return False
            sync_folder(path.parent)
        return True

    def _path(self, blob_id: str) -> Path:
        checked_id(blob_id, "blb")
        return self._folder / blob_id[-2:] / blob_id

    def _sweep(self) -> None:
        oldest_s = time.time() - _STALE_S
        for part in self._folder.glob("*/.*.part"):
            with suppress(FileNotFoundError):
                if part.stat().st_mtime < oldest_s:
                    part.unlink()
