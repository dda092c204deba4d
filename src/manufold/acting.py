"""Who acts when nobody is named, and what short forms of an id mean: for people at a command line.

An API never guesses: there the key says who acts.
"""

from manufold.model.errors import InputFault
from manufold.model.party import Actor, Role
from manufold.services import order
from manufold.services.context import Context

__all__ = ["Acting"]

_ENDING_LEAST = 6  # letters of an id's ending that may stand for it


class Acting:
    """The guesses of one world."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def actor(self, party: str | None, role: Role) -> Actor:
        """Return the named party in a role, or the only one fit for it.

        Raises:
            InputFault: `access.party_needed`.
        """
        named = party if party is not None else self.ctx.settings.party or None
        if named is not None:
            roles = self._roles(named)
            other = "network_operator" in roles and role not in roles
            return Actor(named, "network_operator" if other else role)
        fit = [p.party_id for p in self.ctx.network.parties if role in p.roles]
        if not fit or (len(fit) > 1 and self.ctx.store.world == "live"):
            raise InputFault("access.party_needed", role=role, known=", ".join(fit))
        return Actor(fit[0], role)

    def _roles(self, party: str) -> tuple[str, ...]:
        known = self.ctx.network.party.get(party)
        return () if known is None else known.roles

    def seer(self, party: str | None, *, buyer_first: bool = False) -> Actor:
        """Return who looks: a named party in its widest role, else the network operator.

        With `buyer_first` a maker that buys too looks as a buyer, and nobody named is a buyer.
        """
        named = party if party is not None else self.ctx.settings.party or None
        if named is None and self.ctx.store.world == "sim" and not buyer_first:
            hubs = (p.party_id for p in self.ctx.network.parties if "network_operator" in p.roles)
            named = next(hubs, None)
        if named is None:
            return self.actor(None, "buyer")
        roles = self._roles(named)
        if "network_operator" in roles:
            return Actor(named, "network_operator")
        maker = "supplier" in roles and not (buyer_first and "buyer" in roles)
        return Actor(named, "planner" if maker else "buyer")

    def order_id(self, actor: Actor, text: str) -> str:
        """Return the id of the one order the actor sees whose id so ends; else the text itself."""
        if len(text) < _ENDING_LEAST or text.startswith("ord_"):
            return text
        seen = order.show_orders(self.ctx, actor)
        found = [one.order_id for one in seen if one.order_id.endswith(text)]
        return found[0] if len(found) == 1 else text

    def zone(self, to: str) -> str:
        """Return the IANA zone of a delivery zone, else of the network's first."""
        zones = self.ctx.network.delivery_zone
        found = zones.get(to or self.ctx.settings.to) or next(iter(zones.values()), None)
        return "UTC" if found is None else found.zone

    def zone_of(self, actor: Actor) -> str:
        """Return the first delivery zone of the party's own country, or none in particular."""
        party = self.ctx.network.party.get(actor.party_id)
        country = "" if party is None else party.country
        return next(
            (z.zone_id for z in self.ctx.network.delivery_zones if z.country == country), ""
        )

    def planner(self, party: str | None) -> Actor:
        """Return who plans.

        Raises:
            InputFault: `access.role_may_not` for a buyer.
        """
        seer = self.seer(party)
        if seer.role == "buyer":
            raise InputFault("access.role_may_not", role="buyer", roles="planner")
        return seer
