"""What the ledger's records come to over time, as figures and as small pictures. Writes to no system."""
