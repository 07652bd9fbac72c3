"""Records as tables: Pandera schemas, and the conversion of records to DataFrames.

Amounts stay `decimal.Decimal` in columns of objects, never float. No table holds a name, an e-mail or an address.
"""
