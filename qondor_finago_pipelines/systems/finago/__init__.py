"""Finago over SOAP: the session, the services and their records. `client.FinagoClient` is the door.

The interface descriptions in `wsdl/` hold the operations that this project uses, equal to Finago's own; the addresses
in them are placeholders.
"""
