"""Who takes part, and who acts now."""

from dataclasses import dataclass
from typing import Literal, get_args

from manufold.model.errors import InputFault

__all__ = ["ACTOR_ROLES", "PARTY_ROLES", "Actor", "Party", "PartyRole", "Role"]

PartyRole = Literal["buyer", "supplier", "designer", "network_operator"]
PARTY_ROLES: tuple[str, ...] = get_args(PartyRole)

Role = Literal["buyer", "planner", "operator", "quality_engineer", "owner", "network_operator"]
ACTOR_ROLES: tuple[str, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Party:
    """A company or person taking part.

    Args:
        party_id: short name, unique in the network.
        name: as people write it.
        roles: what it takes part as.
        country: ISO 3166-1 alpha-2.
    """

    party_id: str
    name: str
    roles: tuple[PartyRole, ...]
    country: str

    def __post_init__(self) -> None:
        if not self.roles:
            raise InputFault("party.no_role", party=self.party_id)


@dataclass(frozen=True, slots=True)
class Actor:
    """A party in a role: who does this now. Every service verb takes one."""

    party_id: str
    role: Role

    def __post_init__(self) -> None:
        if self.role not in ACTOR_ROLES:
            known = ", ".join(ACTOR_ROLES)
            raise InputFault("party.role_unknown", role=self.role[:40], known=known)
