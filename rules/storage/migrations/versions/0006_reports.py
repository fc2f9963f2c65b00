"""Rows of call reports."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "rules_report_rows",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("report_type", sa.String(64), nullable=False),
        sa.Column("dtmf", sa.Text, nullable=False),
        sa.Column("flow_id", sa.Text, nullable=False),
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("dnis", sa.Text, nullable=False),
        sa.Column("start_time", sa.Text, nullable=False),
        sa.Column("written_at", sa.BigInteger, nullable=False),
        sa.Column("extra", sa.Text),
        sa.Column("call_key", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_rules_report_rows"),
        sa.UniqueConstraint("call_key", name="uq_rules_report_rows_call_key"),
    )
    for columns in (["account_id", "report_type", "written_at", "id"], ["account_id", "dnis"]):
        name = f"ix_rules_report_rows_{'_'.join(columns)}"
        op.create_index(name, "rules_report_rows", columns)
