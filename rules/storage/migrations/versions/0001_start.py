"""The empty schema that every topic adds its tables to."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Nothing: the version table itself is all there is."""
