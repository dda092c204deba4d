"""What the tests of the network file share: the golden examples, and ways to spoil them."""

import shutil
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from manufold.connect.network_file import NetworkFault, check_network

EXAMPLES = Path(__file__).parents[2] / "contracts" / "examples" / "network_file"
ONE = EXAMPLES / "one_machine.toml"
TWO = EXAMPLES / "two_sites" / "network.toml"


@dataclass(frozen=True)
class Spoil:
    """A way to spoil an example: `old` becomes `new`, found at the line of `at` as `code`."""

    code: str
    old: str
    new: str
    at: str = ""
    file: str = ""
    params: dict[str, str] = field(default_factory=dict, hash=False)


SPOILS = tuple(
    Spoil(**row)
    for row in tomllib.loads(Path(__file__).with_name("spoils.toml").read_text(encoding="utf-8"))[
        "spoil"
    ]
)


def line_with(text: str, marker: str) -> int:
    """Return the line, from 1, of the first occurrence of a marker; 0 for none."""
    return text[: text.index(marker)].count("\n") + 1 if marker else 0


def spoiled(folder: Path, old: str, new: str, file: str = "") -> Path:
    """Return a copy of an example with a text replaced once: of the one file, or of the two sites.

    Args:
        file: of the two sites; the one machine when empty.
    """
    if not file:
        path = folder / "network.toml"
        source = ONE.read_text(encoding="utf-8")
    else:
        shutil.copytree(TWO.parent, folder, dirs_exist_ok=True)
        path = folder / file
        source = path.read_text(encoding="utf-8")
    assert source.count(old) >= 1, old
    path.write_text(source.replace(old, new, 1), encoding="utf-8", newline="")
    return folder / "network.toml"


def errors(path: Path) -> list[NetworkFault]:
    """Return the faults that stop a file from being read."""
    return [fault for fault in check_network(path) if fault.severity == "error"]
