"""A world for service tests: two owners, two plants, a toy vertical, any store."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256

from tests.shop import SOURCE, shop_network, shop_plan

from manufold.design.contract import InputFile
from manufold.model.design import Design, DesignFile, design_revision
from manufold.model.errors import InputFault, Param, Reason
from manufold.model.evidence import SignedHead
from manufold.model.fakes import ManualClock, MemoryBlobs, MemoryStore, SeededIds
from manufold.model.network import Capability, Lane, Network, Site, WorkCenter, WorkUnit
from manufold.model.party import Actor, Party
from manufold.model.ports import Executor, Store
from manufold.model.process_plan import ProcessPlan
from manufold.services.context import Context
from manufold.services.project import project
from manufold.services.quote import Ask, Quoted, offer
from manufold.settings import Settings
from manufold.workers.inline import InlineExecutor

__all__ = [
    "ANNA",
    "BERT",
    "HUB",
    "MAKER",
    "OTHER",
    "Toy",
    "ask",
    "quoted",
    "shared_plants",
    "two_plants",
    "world",
]

ANNA, BERT = Actor("anna", "buyer"), Actor("bert", "buyer")
MAKER, OTHER = Actor("maker", "planner"), Actor("other", "planner")
HUB = Actor("hub", "network_operator")
START_S = 216_000_000


class Toy:
    """A vertical for blocks: the file says "block" and its mass in kilograms.

    Args:
        turned: blocks are turned on a lathe after they were milled.
    """

    def __init__(self, *, turned: bool = False) -> None:
        self.turned = turned

    name = "toy"
    level = "bronze"

    def accepts(self, files: Sequence[InputFile]) -> float:
        """Say yes to blocks."""
        return 1.0 if files and files[0].content.startswith(b"block ") else 0.0

    def design(
        self,
        files: Sequence[InputFile],
        parameters: Mapping[str, Param],
        executor: Executor,
    ) -> Design:
        """Read the mass of a block."""
        try:
            mass = str(Decimal(files[0].content.split()[1].decode()))
        except (ArithmeticError, IndexError, UnicodeDecodeError):
            raise InputFault("toy.malformed", file=files[0].name) from None
        read = tuple(
            DesignFile(f.name, "text/block", len(f.content), sha256(f.content).hexdigest())
            for f in files
        )
        revision = design_revision("toy", read, "metal", parameters)
        assumed = (Reason("toy.metal_assumed", {}),)
        return Design("toy", revision, read, "metal", parameters, {"mass_kg": mass}, (), assumed)

    def plans(self, design: Design, quantity: int) -> tuple[ProcessPlan, ...]:
        """Mill it."""
        plan = shop_plan(mass=str(design.facts["mass_kg"]), revision=design.revision)
        wide = Decimal(str(design.parameters.get("x_mm", 100)))
        operation = replace(plan.operations[0], needs={"x_mm": wide})
        if not self.turned:
            return (replace(plan, operations=(operation,)),)
        last = replace(
            operation, operation_id="op20", name="turn", capability="turn.2axis", after=("op10",)
        )
        return (replace(plan, operations=(operation, last)),)

    def warm(self, executor: Executor) -> None:
        """Nothing to warm."""


def two_plants() -> Network:
    """Return the shop and a second, dearer, greener plant of another owner."""
    one = shop_network()
    site = replace(
        one.sites[0],
        site_id="works",
        name="Works",
        party_id="other",
        grid_g_per_kwh=Decimal(20),
        grid_source=SOURCE,
    )
    assert isinstance(site, Site)
    unit = one.work_units[0]
    second = replace(
        unit, work_unit_id="mill-2", work_center_id="lathes", rate_minor_per_h=9000, name="Mill 2"
    )
    assert isinstance(second, WorkUnit)
    ways = (
        Lane("works", "door", 86400, 1000, 50, "EUR", Decimal(10), SOURCE),
        Lane("plant", "works", 3600, 100, 5, "EUR", Decimal(10), SOURCE),
        Lane("works", "plant", 3600, 100, 5, "EUR", Decimal(10), SOURCE),
    )
    return replace(
        one,
        parties=(*one.parties, Party("other", "Other", ("supplier",), "DE")),
        sites=(*one.sites, site),
        work_centers=(*one.work_centers, WorkCenter("lathes", "Lathes", "works")),
        work_units=(*one.work_units, second),
        operators=(
            *one.operators,
            replace(one.operators[0], operator_id="otto", site_id="works"),
        ),
        lanes=(*one.lanes, *ways),
    )


def shared_plants() -> Network:
    """Return the two plants where one owner only mills and the other only turns."""
    both = two_plants()
    mill, lathe = both.work_units
    turns = replace(lathe, capabilities=(Capability("turn.2axis"),))
    return replace(both, work_units=(mill, turns))


def world(
    network: Network | None = None,
    store: Store | None = None,
    toy: Toy | None = None,
    **settings: int,
) -> Context:
    """Return a context on a store in memory, or on the one given."""
    clock = ManualClock(START_S)
    found = store if store is not None else MemoryStore("sim", project)

    def sign(signed: Store, at_s: int) -> SignedHead:
        head = signed.head()
        return SignedHead(head.seq, head.hash, at_s, "", "")

    return Context(
        store=found,
        blobs=MemoryBlobs(),
        clock=clock,
        ids=SeededIds(1, clock),
        network=two_plants() if network is None else network,
        executor=InlineExecutor(),
        verticals={"toy": toy or Toy()},
        settings=Settings(**settings),  # type: ignore[arg-type]
        sign_head=sign,
    )


def ask(quantity: int = 10, content: bytes = b"block 0.5", **more: object) -> Ask:
    """Return an ask for blocks."""
    return Ask([InputFile("b.txt", content)], quantity, "door", **more)  # type: ignore[arg-type]


def quoted(ctx: Context, actor: Actor = ANNA, **more: object) -> Quoted:
    """Return an offer for blocks."""
    return offer(ctx, actor, ask(**more))  # type: ignore[arg-type]
