"""Alembic's door: runs the revisions on the connection, and in the transaction, that `store.migrating` brings."""

from __future__ import annotations

from alembic import context

from qondor_finago_pipelines.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can change a table only by making it anew; alembic does so in its batches.
    render_as_batch=True,
)

with context.begin_transaction():
    context.run_migrations()
