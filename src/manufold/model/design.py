"""What the buyer wants: files, parameters, material; and what was found in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import new as hmac_of
from typing import Literal

from manufold.model.errors import InputFault, Param, Reason

__all__ = ["Design", "DesignFile", "Finding", "Severity", "design_revision", "keyed_revision"]

Severity = Literal["asks", "blocks", "warns", "informs"]


@dataclass(frozen=True, slots=True)
class DesignFile:
    """A file of a design, by digest; its bytes lie in the blob store.

    Args:
        media_type: as found in its content, e.g. "model/step", "model/stl", "model/3mf".
        sha256: hex digest of the bytes.
    """

    name: str
    media_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know about a design, on the faces it concerns.

    Args:
        severity: "asks" = the sender must answer or mend the file first, "blocks" = no plan can
            be made of it, "warns" = made at a risk or a cost, "informs".
        faces: ids stable for one revision, e.g. "F12".
    """

    severity: Severity
    reason: Reason
    faces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Design:
    """A design of one vertical, at one revision.

    Args:
        vertical: the vertical that read it, e.g. "part".
        revision: digest of its content (`design_revision`); equal content, equal revision.
        material_id: asked for by the buyer or assumed (then `assumptions` says so).
        parameters: the buyer's choices, plain values.
        facts: what was measured, plain values with units in their names, e.g. "volume_mm3"; they
            stand in the passport, and so in the log for good.
        personal: what was measured on a person, or follows from it. It stays in the design's blob,
            which can be deleted: no event, plan, offer or passport may hold any of it.
    """

    vertical: str
    revision: str
    files: tuple[DesignFile, ...]
    material_id: str
    parameters: Mapping[str, Param]
    facts: Mapping[str, object]
    findings: tuple[Finding, ...] = ()
    assumptions: tuple[Reason, ...] = field(default=())
    personal: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.revision) != 64:
            raise InputFault("design.revision_malformed", revision=self.revision[:80])

    @property
    def blocked(self) -> bool:
        """True when a finding says that no plan can be made, or none yet."""
        return any(finding.severity in ("asks", "blocks") for finding in self.findings)


def design_revision(
    vertical: str,
    files: tuple[DesignFile, ...],
    material_id: str,
    parameters: Mapping[str, Param],
) -> str:
    """Return the digest that identifies a design's content; file names do not count."""
    digest = sha256(f"{vertical}\0{material_id}\0".encode())
    for file in sorted(files, key=lambda f: f.sha256):
        digest.update(file.sha256.encode())
    for name in sorted(parameters):
        value = parameters[name]
        digest.update(f"{name}\0{type(value).__name__}\0{value}\0".encode())
    return digest.hexdigest()


def keyed_revision(revision: str, secret: bytes) -> str:
    """Return a revision that only the holder of the secret can work out from the files.

    Source: HMAC with SHA-256, RFC 2104.
    """
    return hmac_of(secret, f"manufold/design/{revision}".encode(), sha256).hexdigest()
