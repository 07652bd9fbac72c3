"""ISO 4217 numbers and country names, as many as the invented world needs."""

from __future__ import annotations

ISO_NUMBERS = {
    "NOK": 578,
    "EUR": 978,
    "SEK": 752,
    "DKK": 208,
    "USD": 840,
    "GBP": 826,
    "ISK": 352,
    "CHF": 756,
    "PLN": 985,
    "JPY": 392,
}

COUNTRIES = {"NO": "Norway", "SE": "Sweden", "DK": "Denmark", "FI": "Finland", "IS": "Iceland", "DE": "Germany"}
