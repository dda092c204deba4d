"""The bytes of a stranger's log, within limits, and the text they are."""

import gzip
import zlib
from pathlib import Path

from manufold.model.errors import InputFault

__all__ = ["ENCODINGS", "LARGEST_LOG_BYTES", "log_bytes", "log_text"]

#: half a million rows of a hundred letters; a larger log is imported by year
LARGEST_LOG_BYTES = 64 * 2**20
ENCODINGS = ("utf-8", "gb18030", "big5", "shift_jis", "cp1252", "utf-16")

_GZIP = b"\x1f\x8b"


def log_bytes(file: Path) -> bytes:
    """Return the content of a log, unpacked where it is gzip; a bomb is never unpacked whole.

    Raises:
        InputFault: `log.file_missing`, `log.file_unreadable`, `log.file_too_large`.
    """
    name = file.name
    try:
        if not file.is_file():
            raise InputFault("log.file_missing", file=name)
        with file.open("rb") as opened:
            content = opened.read(LARGEST_LOG_BYTES + 1)
            if content.startswith(_GZIP):
                opened.seek(0)
                with gzip.GzipFile(fileobj=opened) as packed:
                    content = packed.read(LARGEST_LOG_BYTES + 1)
    except (OSError, EOFError, ValueError, zlib.error) as refused:
        what = getattr(refused, "strerror", None) or str(refused)
        raise InputFault("log.file_unreadable", file=name, what=what[:200]) from None
    if len(content) > LARGEST_LOG_BYTES:
        raise InputFault("log.file_too_large", file=name, limit_mb=LARGEST_LOG_BYTES // 2**20)
    return content


def log_text(content: bytes, name: str, encoding: str | None) -> str:
    """Return the text; a byte order mark decides, then `encoding`, then UTF-8.

    Raises:
        InputFault: `log.encoding_unknown`, `log.not_text`.
    """
    if encoding is not None and encoding.lower() not in ENCODINGS:
        raise InputFault("log.encoding_unknown", found=encoding[:40], known=", ".join(ENCODINGS))
    used = (encoding or "utf-8").lower()
    if content.startswith(b"\xef\xbb\xbf"):
        used = "utf-8-sig"
    elif content.startswith((b"\xff\xfe", b"\xfe\xff")):
        used = "utf-16"
    try:
        text = content.decode(used)
    except UnicodeDecodeError as refused:
        line = content.count(b"\n", 0, refused.start) + 1
        raise InputFault(
            "log.not_text", file=name, line=line, encoding=used, known=", ".join(ENCODINGS)
        ) from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise InputFault(
            "log.not_text", file=name, line=line, encoding=used, known=", ".join(ENCODINGS)
        )
    return text
