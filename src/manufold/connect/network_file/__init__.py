"""The network file: a plant, or many, written in one TOML and optional CSVs beside it.

`read_network` gives the `Network`; `check_network` names every fault with file, line and remedy.
The keys are described in `docs/network-file.md`, their schema is
`contracts/network_file.schema.json`.
"""

from dataclasses import replace
from hashlib import sha256
from os import PathLike
from pathlib import Path

from manufold.connect.network_file.build import built_network
from manufold.connect.network_file.faults import Faults, NetworkFault, Severity
from manufold.connect.network_file.files import toml_document
from manufold.connect.network_file.links import check_links
from manufold.connect.network_file.tables import read_root, read_sections
from manufold.model.codec import canonical, encoded
from manufold.model.errors import InputFault
from manufold.model.network import Network

__all__ = ["NetworkFault", "Severity", "check_network", "read_network"]


def read_network(path: str | PathLike[str]) -> Network:
    """Return the network that a file describes.

    Its `revision` is a digest of all that was read, CSVs included: notes, spaces and the order of
    keys do not change it, any value does.

    Raises:
        InputFault: `network.file_faults`, with every error of the file in `faults`.
    """
    network, faults = _read(Path(path))
    if network is None:
        errors = faults.errors
        raise InputFault(
            "network.file_faults",
            faults=tuple(error.fault for error in errors),
            file=Path(path).name,
            count=len(errors),
        )
    return network


def check_network(path: str | PathLike[str]) -> tuple[NetworkFault, ...]:
    """Return every fault of a network file and its CSVs, by file and line; never raises."""
    return _read(Path(path))[1].sorted()


def _read(path: Path) -> tuple[Network | None, Faults]:
    faults = Faults()
    document, lines = toml_document(path, faults)
    if faults.found:
        return None, faults
    root = read_root(document, lines, path.name, faults)
    sections = read_sections(document, lines, path, faults)
    check_links(root, sections, faults)
    network = built_network(root, sections, faults)
    if network is None or faults.errors:
        return None, faults
    return replace(network, revision=_revision(network)), faults


def _revision(network: Network) -> str:
    """Return the digest of all that a file says; keys that came later count where they are used,
    so that a file of before keeps its revision."""
    document = encoded(network)
    if not document["assumed"]:
        del document["assumed"]
    for matrix in document["setup_matrices"]:
        if not matrix["families"]:
            del matrix["families"]
    return sha256(canonical(document)).hexdigest()
