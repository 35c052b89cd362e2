"""Runs the migrations of ``versions`` on the connection that ``store.database`` opened."""

from __future__ import annotations

from alembic import context

from renderbus_farm.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,  # SQLite can, when BEGIN is ours: a migration happens whole or not at all
)
with context.begin_transaction():
    context.run_migrations()
