"""Lines of Qondor invoices, and the totals that follow from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..money import net_and_vat, to_the_ore
from ..wire import exact

Number = Decimal | int | str


def line(
    name: str = "Conference package",
    *,
    article: str | None = "3000",
    quantity: Number = 1,
    price: Number = "100.00",
    cost: Number = "0.00",
    vat: Number = 25,
    **members: Any,
) -> dict[str, Any]:
    """One invoice line as Qondor gives it, its `vatAmount` computed.

    `price` and `cost` are per unit excluding VAT, `vat` a percentage. `members` overrides any JSON member, for content
    that is wrong on purpose: `line(vatAmount=Decimal("1"))`.
    """
    made: dict[str, Any] = {
        "id": None,
        "nameOnInvoice": name,
        "articleNumber": article,
        "quantity": quantity if quantity is None else exact(quantity),
        "inPriceExclVat": cost if cost is None else exact(cost),
        "outPriceExclVat": price if price is None else exact(price),
        "vatPercentage": vat if vat is None else exact(vat),
        "vatPercentageFee": None,
        "vatAmount": None,
    }
    if None not in (quantity, price, vat):
        made["vatAmount"] = net_and_vat(exact(quantity), exact(price), exact(vat))[1]
    return {**made, **members}


def credited(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same lines with the sign of quantity and VAT turned, as a credit note repeats them."""
    return [{**original, "quantity": -original["quantity"], "vatAmount": -original["vatAmount"]} for original in lines]


def totals(lines: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """`totalExclVat`, `totalVat` and `totalInclVat` of the lines that can be computed, each line to the øre."""
    net = vat = Decimal("0.00")
    for one in lines:
        figures = (one.get("quantity"), one.get("outPriceExclVat"), one.get("vatPercentage"))
        if None in figures:
            continue
        quantity, price, rate = (exact(figure) for figure in figures if figure is not None)
        line_net, line_vat = net_and_vat(quantity, price, rate)
        net += line_net
        vat += line_vat
    return {"totalExclVat": to_the_ore(net), "totalVat": to_the_ore(vat), "totalInclVat": to_the_ore(net + vat)}
