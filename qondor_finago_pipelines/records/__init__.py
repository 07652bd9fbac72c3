"""The nouns of both systems, as frozen dataclasses.

Nothing here reads, writes or decides, and nothing here imports another room of this package. Amounts are
`decimal.Decimal` in the currency that stands beside them; a day is a `datetime.date` (Europe/Oslo); an instant is a
time-zone aware UTC `datetime`.
"""
