"""Tables of preferences, their history, consent, and agents' pauses."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    preferences()
    history()
    consents()
    pauses()


def texts(*names: str) -> list[sa.Column[str]]:
    """Columns of text that always hold some, perhaps empty."""
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def preferences() -> None:
    """Every contact with its values."""
    op.create_table(
        "rules_preferences",
        *texts("account", "contact"),
        sa.Column("version", sa.BigInteger, nullable=False),
        *texts("document"),
        sa.Column("next_expiry", sa.BigInteger),
        sa.PrimaryKeyConstraint("account", "contact", name="pk_rules_preferences"),
        sqlite_with_rowid=False,
    )
    where = sa.text("next_expiry IS NOT NULL")
    op.create_index(
        "ix_rules_preferences_next_expiry",
        "rules_preferences",
        ["next_expiry"],
        sqlite_where=where,
        postgresql_where=where,
    )
    if op.get_context().dialect.name == "postgresql":  # room for a new value in the same page
        op.execute("ALTER TABLE rules_preferences SET (fillfactor = 80)")


def history() -> None:
    """Every change of a value."""
    op.create_table(
        "rules_preference_history",
        *texts("account", "contact"),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        *texts("name", "kind"),
        sa.Column("old", sa.Text),
        sa.Column("new", sa.Text),
        *texts("method", "request_id", "flow", "who"),
        sa.PrimaryKeyConstraint(
            "account", "contact", "version", "place", name="pk_rules_preference_history"
        ),
        sqlite_with_rowid=False,
    )


def consents() -> None:
    """Rows of consent."""
    op.create_table(
        "rules_consents",
        sa.Column("number", SERIAL, nullable=False),
        *texts("id", "account", "contact", "purpose", "channel", "status"),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("valid_until", sa.Date),
        *texts("how", "evidence", "notice_version", "language", "recorded_by"),
        sa.PrimaryKeyConstraint("number", name="pk_rules_consents"),
    )
    op.create_index("ix_rules_consents_contact", "rules_consents", ["account", "contact", "number"])


def pauses() -> None:
    """Intervals of agents."""
    op.create_table(
        "rules_pauses",
        sa.Column("id", SERIAL, nullable=False),
        *texts("cli", "account", "reason"),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("planned_end", sa.BigInteger),
        sa.Column("end", sa.BigInteger),
        *texts("ended_by"),
        sa.PrimaryKeyConstraint("id", name="pk_rules_pauses"),
    )
    op.create_index("ix_rules_pauses_end", "rules_pauses", ["end", "start"])
    where = sa.text('"end" IS NULL')
    op.create_index(
        "uq_rules_pauses_open",
        "rules_pauses",
        ["cli"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )
