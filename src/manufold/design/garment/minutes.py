"""Sewing minutes that a plan may tell: those of a reference body, times one rounded factor.

The minutes of a person's own seams tell the lengths of the seams, and a plan is kept for good. So
a plan carries the operations of the style as the garment's reference body has them, and one factor
in whole steps: this person's total by the reference's. The minutes of each own operation stay with
the design, where they can be deleted.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from manufold.design.garment.goods import Goods, making, offered
from manufold.design.garment.sewing import Routing, routed
from manufold.model.process_plan import StandardTime

__all__ = ["factor", "reference", "terms"]

_MINUTE = Decimal(60)
#: sections of a bulletin that a plan has operations of its own for
_APART = ("pressing", "inspection")


def factor(own: Routing, goods: Goods) -> Decimal:
    """Return a person's minutes by the reference body's, in whole steps."""
    step = making()["sew"]["factor_step"]
    usual = reference(goods, own.options)
    whole = (own.minutes / usual.minutes / step).to_integral_value(ROUND_HALF_UP)
    return Decimal(max(whole, Decimal(1)) * step)


def reference(goods: Goods, options: Mapping[str, str]) -> Routing:
    """Return the routing of the garment's reference body with these options."""
    return _reference(goods.name, tuple(sorted(options.items())))


def terms(goods: Goods, options: Mapping[str, str], times: Decimal) -> tuple[StandardTime, ...]:
    """Return every elementary operation of sewing that the options ask for.

    Pressing off and inspection, where a bulletin has them, are a plan's own operations.

    Args:
        times: of `factor`.
    """
    found = []
    for step in reference(goods, options).steps:
        if step.section in _APART:
            continue
        span_s = (step.minutes * times * _MINUTE).quantize(Decimal("0.01"))
        how = f"{step.minutes:.3f} min of the reference body x {times} x 60 s/min, {step.machine}"
        found.append(StandardTime(step.name, span_s, how, step.source))
    return tuple(found)


@cache
def _reference(name: str, options: tuple[tuple[str, str], ...]) -> Routing:
    from manufold.design.garment.pattern.person import person
    from manufold.design.garment.pattern.publishing import drafted

    goods = offered()[name]
    body = goods.made.operations["reference"]["body"]
    values = {measure: float(value) for measure, value in body.items()}
    return routed(drafted(goods.made, person(values), dict(options)), goods.made)
