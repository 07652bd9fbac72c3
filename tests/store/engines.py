"""The store's database seen past the store: for tests that look at tables or try what must not be possible."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine

from qondor_finago_pipelines.store.database import POSTGRESQL_SCHEMA, store_url


def plain_engine(address: str) -> Engine:
    """An engine without our modes; in PostgreSQL it looks where the store keeps its tables."""
    url = store_url(address)
    is_sqlite = url.get_backend_name() == "sqlite"
    return create_engine(url, connect_args={} if is_sqlite else {"options": f"-csearch_path={POSTGRESQL_SCHEMA}"})
