"""From a STEP file to a passport, in a simulated world of its own.

A buyer needs ten brackets. The network is busy: two thousand operations stand on its machines
before ours. We take the cheapest option, let the world run on, and look at the proof.
"""

import tempfile
from importlib.resources import as_file, files
from pathlib import Path

from manufold import open_home

with (
    tempfile.TemporaryDirectory() as folder,
    open_home(Path(folder) / "home") as m,
    as_file(files("manufold.design.part") / "demo" / "bracket.step") as part,
):
    print(f"{len(m.orders())} orders are under way at {len(m.network.sites)} sites")

    offer = m.offer(part, quantity=10, material="al-6061").offer
    print("options:", ", ".join(option.name for option in offer.options))
    cheap = offer.option("cheap")
    print(
        "the lines add up:",
        sum(line.amount_minor for line in cheap.price_lines) == cheap.price_minor,
    )

    order = m.accept(offer.offer_id, "cheap", key="my-first-order")
    again = m.accept(offer.offer_id, "cheap", key="my-first-order")
    print("accepting twice is one order:", order.order_id == again.order_id)

    m.run(orders=[order.order_id])
    passport = m.passport(order.order_id)
    print(f"delivered {passport.quantity}, made of {passport.material_id}, world: {passport.world}")
    print("all measured values within limits:", all(v.within for v in passport.measurements))
    print("the chain stands:", m.verify()["passports"] == 1)
