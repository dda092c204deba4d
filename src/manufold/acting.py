"""Who acts when nobody is named, and what short forms of an id mean: for people at a command line.

An API never guesses: there the key says who acts.
"""

from manufold.model.errors import InputFault
from manufold.model.party import Actor, Role
from manufold.services import order
from manufold.services.access import SUPPLIER_ROLES
from manufold.services.context import Context

__all__ = ["Acting"]

_ENDING_LEAST = 6  # letters of an id's ending that may stand for it
_BUYER_SAYS = ("amend", "claim", "receive", "return")  # commands that no shop says


class Acting:
    """The guesses of one world."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def actor(self, party: str | None, role: Role) -> Actor:
        """Return the named party in a role, or the only one fit for it.

        Raises:
            InputFault: `access.party_needed`, `access.role_vacant`.
        """
        named = self._named(party)
        needed = "supplier" if role in SUPPLIER_ROLES else role
        if named is not None:
            roles = self._roles(named)
            other = "network_operator" in roles and needed not in roles
            return Actor(named, "network_operator" if other else role)
        fit = [p.party_id for p in self.ctx.network.parties if needed in p.roles]
        if not fit:
            raise InputFault("access.role_vacant", role=role, needed=needed)
        if len(fit) > 1 and self.ctx.store.world == "live":
            raise InputFault("access.party_needed", role=role, known=", ".join(fit))
        return Actor(fit[0], role)

    def _named(self, party: str | None) -> str | None:
        return party if party is not None else self.ctx.settings.party or None

    def _roles(self, party: str) -> tuple[str, ...]:
        known = self.ctx.network.party.get(party)
        return () if known is None else known.roles

    def seer(self, party: str | None, *, buyer_first: bool = False) -> Actor:
        """Return who looks: a named party in its widest role, else the network operator.

        With `buyer_first` a maker that buys too looks as a buyer, and nobody named is a buyer.
        """
        named = self._named(party)
        if named is None and self.ctx.store.world == "sim" and not buyer_first:
            named = self._hub()
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
        """Return who looks after the work: the network operator, else the only supplier.

        Raises:
            InputFault: `access.party_needed`, `access.role_vacant`.
        """
        named = self._named(party) or self._hub()
        return self.actor(None, "planner") if named is None else self.seer(named)

    def keeper(self, party: str | None) -> Actor:
        """Return who may do what takes the network operator; a named party in its widest role.

        Raises:
            InputFault: `access.party_needed`, `access.role_vacant`.
        """
        named = self._named(party)
        return self.actor(None, "network_operator") if named is None else self.seer(named)

    def maker(self, party: str | None) -> Actor:
        """Return who makes: a named party in its widest role, else the only one fit for it.

        Raises:
            InputFault: `access.party_needed`, `access.role_vacant`.
        """
        if self._named(party) is None and self.ctx.store.world == "live":
            return self.actor(None, "planner")
        return self.seer(party)

    def sayer(self, party: str | None, kind: str, role: Role | None) -> Actor:
        """Return who says a command of this kind: whose work it is.

        Args:
            role: in which it is said; default a shop's operator, a buyer, or the network operator.

        Raises:
            InputFault: `access.party_needed`, `access.role_vacant`.
        """
        if kind in _BUYER_SAYS:
            named = self._named(party)
            if named is not None and {"buyer", "supplier"} <= set(self._roles(named)):
                return Actor(named, role or "buyer")
            seer = self.seer(party)
        else:
            seer = self.maker(party)
        return Actor(seer.party_id, role or ("operator" if seer.role == "planner" else seer.role))

    def _hub(self) -> str | None:
        """Return the first network operator."""
        hubs = (p.party_id for p in self.ctx.network.parties if "network_operator" in p.roles)
        return next(hubs, None)
