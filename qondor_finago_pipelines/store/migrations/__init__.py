"""How the store's tables came to be, one revision after the other (alembic); run by `store.migrating` alone.

A revision is frozen once it was released, so it names its columns itself and imports nothing from the tables as they
are now. A new one goes to `versions/`, numbered on; a test compares the sum of all with `store.schema`, on both
databases.
"""
