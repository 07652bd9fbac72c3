"""The Qondor stand-in: REST as contract/qondor.md and decisions 3 and 5 describe it, in its stricter reading."""
