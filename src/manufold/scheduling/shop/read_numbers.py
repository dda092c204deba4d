"""Numbers of a file of the literature, row by row, each knowing the line it stands in.

A row is a line that holds numbers; blank lines and what follows a `#` count for nothing. The first
row is the header. Ten million numbers take a fraction of a second: a compiled scan, no splitting.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.model.errors import InputFault
from manufold.scheduling.kernel import Seconds, compiled, seconds

__all__ = ["MOST_OF_A_KIND", "Numbers", "counted", "header", "numbers"]

#: machines, workers or jobs that a header may announce; beyond it is no shop but a slip
MOST_OF_A_KIND = 10_000_000

NEWLINE, HASH, MINUS, ZERO, NINE, SPACE = 10, 35, 45, 48, 57, 32
DIGITS_MOST = 15  # so that no sum of a file's numbers leaves int64


class Numbers(NamedTuple):
    """Rows of whole numbers below the header.

    Args:
        value: int64, shape (n,).
        row_ptr: int64, shape (rows + 1,), bounds of each row in `value`.
        row_line: int64, shape (rows,), line of the file, from 1.
        head: words of the header.
        head_line: line of the header, from 1.
    """

    value: Seconds
    row_ptr: Seconds
    row_line: Seconds
    head: tuple[str, ...]
    head_line: int

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.row_line)

    def line_of(self, at: int) -> int:
        """Return the line in which value number `at` stands."""
        return int(self.row_line[np.searchsorted(self.row_ptr, at, side="right") - 1])


def numbers(text: str | bytes) -> Numbers:
    """Return the numbers of a file.

    Raises:
        InputFault: `shop.empty`, `shop.not_a_number`.
    """
    raw = text.encode("utf-8", "replace") if isinstance(text, str) else bytes(text)
    raw = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    at, line, head = 0, 1, b""
    while at < len(raw):
        stop = raw.find(b"\n", at)
        stop = len(raw) if stop < 0 else stop
        head = raw[at:stop].partition(b"#")[0].strip()
        at = stop + 1
        if head:
            break
        line += 1
    if not head:
        raise InputFault("shop.empty")
    body = np.frombuffer(raw, dtype=np.uint8)[min(at, len(raw)) :]
    value, line_of, bad = _scanned(body, line + 1)
    if bad >= 0:
        word = body[bad : bad + 24].tobytes().split()[0].decode("utf-8", "replace")
        bad_line = line + 1 + int(np.count_nonzero(body[:bad] == NEWLINE))
        raise InputFault("shop.not_a_number", line=bad_line, found=word)
    begins = np.flatnonzero(np.diff(line_of, prepend=0))
    return Numbers(
        value,
        seconds(np.append(begins, len(value))),
        seconds(line_of[begins]),
        tuple(head.decode("utf-8", "replace").split()),
        line,
    )


def header(found: Numbers, wanted: str, *, least: int, most: int) -> list[int]:
    """Return the first `least` numbers of the header; what follows them may be a mean.

    Raises:
        InputFault: `shop.header`, `shop.counts`.
    """
    if not least <= len(found.head) <= most or not all(map(_is_number, found.head)):
        raise InputFault(
            "shop.header", line=found.head_line, wanted=wanted, found=" ".join(found.head)[:40]
        )
    counts = [int(float(word)) for word in found.head[:least]]
    whole = all(float(word).is_integer() for word in found.head[:least])
    if not whole or not all(0 <= count <= MOST_OF_A_KIND for count in counts):
        raise InputFault("shop.counts", line=found.head_line, wanted=wanted, most=MOST_OF_A_KIND)
    return counts


def counted(found: Numbers, rows: int) -> None:
    """Refuse a file that has fewer or more rows than its header announces.

    Raises:
        InputFault: `shop.rows_missing`, `shop.rows_extra`.
    """
    if found.rows < rows:
        raise InputFault("shop.rows_missing", found=found.rows, wanted=rows)
    if found.rows > rows:
        raise InputFault("shop.rows_extra", line=int(found.row_line[rows]), wanted=rows)


def _is_number(word: str) -> bool:
    whole, _, rest = word.partition(".")
    return (
        whole.isascii()
        and whole.isdigit()
        and len(whole) < DIGITS_MOST
        and (not rest or (rest.isascii() and rest.isdigit()))
    )


@compiled
def _scanned(raw: NDArray[np.uint8], line: int) -> tuple[Seconds, Seconds, int]:
    """Return values, the line of each, and the byte where something else stands, or -1."""
    value = np.zeros(len(raw) // 2 + 1, np.int64)
    line_of = np.zeros(len(raw) // 2 + 1, np.int64)
    count, at = 0, 0
    while at < len(raw):
        byte = raw[at]
        if byte == NEWLINE:
            line += 1
            at += 1
        elif byte == SPACE or 9 <= byte <= 13:
            at += 1
        elif byte == HASH:
            while at < len(raw) and raw[at] != NEWLINE:
                at += 1
        else:
            begin = at
            negative = byte == MINUS
            if negative:
                at += 1
            digits, number = 0, 0
            while at < len(raw) and ZERO <= raw[at] <= NINE:
                number = number * 10 + (raw[at] - ZERO)
                digits += 1
                at += 1
                if digits > DIGITS_MOST:
                    return value[:0], line_of[:0], begin
            ended = at == len(raw) or raw[at] == SPACE or 9 <= raw[at] <= 13 or raw[at] == HASH
            if digits == 0 or not ended:
                return value[:0], line_of[:0], begin
            value[count] = -number if negative else number
            line_of[count] = line
            count += 1
    return value[:count].copy(), line_of[:count].copy(), -1
