"""How Alembic runs: on the connection and in the transaction of `rules.storage.migrate`."""

from __future__ import annotations

from alembic import context

from rules.storage.schema import VERSION_TABLE
from rules.storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
