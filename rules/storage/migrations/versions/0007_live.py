"""Live number sources: answers under keyed hashes, spending, records of questions."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Three tables, none of which holds a number."""
    op.create_table(
        "rules_live_answers",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("asked_at", sa.BigInteger),
        sa.Column("operator", sa.Text),
        sa.Column("circle", sa.Text),
        sa.Column("ported", sa.Boolean),
        sa.Column("line_type", sa.Text),
        sa.PrimaryKeyConstraint("key", name="pk_rules_live_answers"),
    )
    op.create_index("ix_rules_live_answers_until", "rules_live_answers", ["until"])
    op.create_table(
        "rules_live_spending",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("month", sa.Text, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("questions", sa.BigInteger, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", "month", name="pk_rules_live_spending"),
    )
    op.create_table(
        "rules_live_questions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("milliseconds", sa.BigInteger, nullable=False),
        sa.Column("cost", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rules_live_questions"),
    )
    op.create_index("ix_rules_live_questions_account", "rules_live_questions", ["account", "at"])
    op.create_index("ix_rules_live_questions_at", "rules_live_questions", ["at"])
