"""What a file is, by its content: a suffix is a claim, never the proof."""

import io
import struct
import zipfile

from manufold.design.part.geometry.facts import PartFormat
from manufold.model.errors import InputFault

__all__ = ["MAX_BYTES", "checked_format", "sniffed_format"]

#: the largest file looked at; the largest real part met so far has 3.3 MB
MAX_BYTES = 100 * 2**20
#: of a 3MF once unpacked
MAX_UNPACKED_BYTES = 400 * 2**20

_MODEL_3MF = "3d/3dmodel.model"
_SUFFIXES = {"step": "STEP", "stp": "STEP", "p21": "STEP", "stl": "STL", "3mf": "3MF"}


def sniffed_format(content: bytes) -> PartFormat | None:
    """Return what the bytes are, or None; cheap, never raises."""
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"ISO-10303-21"):
        return "step"
    if content.startswith(b"PK") and _model_name(content) is not None:
        return "3mf"
    if _binary_triangles(content) > 0:
        return "stl"
    if head[:5].lower() == b"solid" and b"facet" in content[:4096].lower():
        return "stl"
    return None


def checked_format(name: str, content: bytes) -> PartFormat:
    """Return what a file is.

    Raises:
        InputFault: `part.file_too_large`, `part.file_empty`, `part.file_truncated`,
            `part.archive_too_large`, or `part.file_not_a_part`, naming what it seems to be.
    """
    shown = name[:80]
    if not content:
        raise InputFault("part.file_empty", file=shown)
    if len(content) > MAX_BYTES:
        raise InputFault(
            "part.file_too_large",
            file=shown,
            size_mb=len(content) // 2**20,
            limit_mb=MAX_BYTES // 2**20,
        )
    kind = sniffed_format(content)
    if kind == "3mf" and _unpacked_bytes(content) > MAX_UNPACKED_BYTES:
        raise InputFault("part.archive_too_large", file=shown, limit_mb=MAX_UNPACKED_BYTES // 2**20)
    if kind is not None:
        return kind
    suffix = name.rpartition(".")[2].lower()
    if suffix == "stl" and _cut_short(content):
        raise InputFault("part.file_truncated", file=shown)
    raise InputFault(
        "part.file_not_a_part",
        file=shown,
        claimed=_SUFFIXES.get(suffix, "STEP, STL or 3MF"),
        seems=_seems(content),
    )


def _binary_triangles(content: bytes) -> int:
    """Return the triangles of a whole binary STL, 0 where it is none."""
    if len(content) < 84:
        return 0
    count: int = struct.unpack_from("<I", content, 80)[0]
    return count if len(content) == 84 + 50 * count else 0


def _cut_short(content: bytes) -> bool:
    """Whether a binary STL lost its tail: a count that asks for more bytes than there are."""
    if len(content) < 84 or content.lstrip()[:1] in (b"<", b"{"):
        return False
    count: int = struct.unpack_from("<I", content, 80)[0]
    return 84 + 50 * count > len(content) and b"\0" in content


def _model_name(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = {name.lower().lstrip("/"): name for name in archive.namelist()}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    return names.get(_MODEL_3MF)


def _unpacked_bytes(content: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def _seems(content: bytes) -> str:
    """Return a word for what the bytes look like, for the sender."""
    head = content[:512].lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return "HTML"
    if head.startswith(b"%pdf"):
        return "PDF"
    if head.startswith(b"pk"):
        return "ZIP"
    if head.startswith(b"<"):
        return "XML"
    if b"section" in head and b"header" in head:
        return "DXF"
    if b"\0" in content[:4096]:
        return "binary data"
    return "text"
