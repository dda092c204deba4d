"""What a buyer may choose of a garment: fields of the form, and the choices made.

Options and their choices are those of the garments' own folders; the first choice of each is the
usual one, taken and said to be where nothing was chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from manufold.design.contract import Field
from manufold.design.garment.goods import FIRST, Goods, offered
from manufold.model.errors import InputFault, Param, Reason

__all__ = ["Chosen", "chosen", "fields", "options_of"]

_STRETCH_MOST = 60


@dataclass(frozen=True, slots=True)
class Chosen:
    """A garment with every choice made.

    Args:
        stretch_fraction: of the cloth, across.
        checked: unusual measures are right.
        keep_scan: the scan may be kept beside the measures.
        assumptions: what was not chosen.
    """

    goods: Goods
    options: Mapping[str, str]
    material_id: str
    stretch_fraction: float
    checked: bool
    keep_scan: bool
    assumptions: tuple[Reason, ...]


def fields() -> tuple[Field, ...]:
    """Return the parameters of all garments, each option with the choices that any has."""
    garments = offered()
    materials = _union({one: made.materials for one, made in garments.items()})
    found = [
        Field("garment", "choice", "parameter", FIRST, choices=tuple(garments)),
        Field("material", "choice", "parameter", garments[FIRST].materials[0], choices=materials),
    ]
    usual = garments[FIRST].made.options
    for name in _union({one: tuple(made.made.options) for one, made in garments.items()}):
        choices = _union({k: m.made.options.get(name, ()) for k, m in garments.items()})
        example = usual[name][0] if name in usual else ""
        found.append(Field(name, "choice", "parameter", example, choices=choices))
    return (
        *found,
        Field("stretch", "number", "parameter", "0", least=0, most=_STRETCH_MOST),
        Field("measures", "choice", "parameter", "", choices=("checked",)),
        Field("keep_scan", "choice", "parameter", "", choices=("yes",)),
    )


def chosen(parameters: Mapping[str, Param]) -> Chosen:
    """Return what the parameters choose.

    Raises:
        InputFault: `garment.parameter_unknown`, `garment.choice_unknown`,
            `garment.option_elsewhere`, `garment.stretch_wrong`.
    """
    garments = offered()
    name = str(parameters.get("garment", FIRST))
    if name not in garments:
        raise _unknown("garment", name, tuple(garments))
    goods = garments[name]
    known = {
        "garment": tuple(garments),
        "material": goods.materials,
        **goods.made.options,
        "stretch": (),
        "measures": ("checked",),
        "keep_scan": ("yes",),
    }
    for parameter, value in parameters.items():
        if parameter not in known:
            _refuse(parameter, goods, tuple(known))
        if parameter != "stretch" and value not in known[parameter]:
            raise _unknown(parameter, value, known[parameter])
    options = {
        option: str(parameters.get(option, choices[0]))
        for option, choices in goods.made.options.items()
    }
    return Chosen(
        goods,
        options,
        str(parameters.get("material", goods.materials[0])),
        _stretch(parameters.get("stretch", 0)),
        parameters.get("measures") == "checked",
        parameters.get("keep_scan") == "yes",
        tuple(_assumed(parameters, goods)),
    )


def options_of(parameters: Mapping[str, Param]) -> tuple[Goods, dict[str, str]]:
    """Return garment and options of parameters that were checked before."""
    found = chosen(parameters)
    return found.goods, dict(found.options)


def _assumed(parameters: Mapping[str, Param], goods: Goods) -> list[Reason]:
    found = []
    if "garment" not in parameters:
        found.append(Reason("garment.garment_assumed", {"garment": goods.name}))
    if "material" not in parameters:
        found.append(Reason("garment.material_assumed", {"material": goods.materials[0]}))
    usual = {option: choices[0] for option, choices in goods.made.options.items()}
    left = [f"garment.{name}.{usual[name]}" for name in usual if name not in parameters]
    if left:
        found.append(Reason("garment.options_assumed", {"options": ", ".join(left)}))
    return found


def _refuse(parameter: str, goods: Goods, known: tuple[str, ...]) -> None:
    others = [one for one, goods_of in offered().items() if parameter in goods_of.made.options]
    if others:
        raise InputFault(
            "garment.option_elsewhere",
            parameter=parameter,
            garment=goods.name,
            others=", ".join(others),
            known=", ".join(goods.made.options),
        )
    raise InputFault("garment.parameter_unknown", parameter=parameter[:80], known=", ".join(known))


def _unknown(parameter: str, value: Param, known: tuple[str, ...]) -> InputFault:
    return InputFault(
        "garment.choice_unknown",
        parameter=parameter,
        value=str(value)[:80],
        known=", ".join(known),
    )


def _stretch(value: Param) -> float:
    try:
        percent = Decimal(str(value))
    except InvalidOperation:
        percent = Decimal(-1)
    if isinstance(value, bool) or not percent.is_finite() or not 0 <= percent <= _STRETCH_MOST:
        raise InputFault("garment.stretch_wrong", value=str(value)[:40], most=_STRETCH_MOST)
    return float(percent / 100)


def _union(choices: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for row in choices.values() for one in row))
