"""Short links: domains, links, what bots hide, clicks."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Six tables."""
    op.create_table(
        "rules_link_domains",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("account", sa.String),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("token", sa.String, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rules_link_domains"),
        sa.UniqueConstraint("name", name="uq_rules_link_domains_name"),
    )
    op.create_table(
        "rules_links",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("domain", sa.Integer, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("header", sa.String, nullable=False),
        sa.Column("target", sa.String, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger),
        sa.Column("max_clicks", sa.Integer),
        sa.Column("used", sa.Integer, nullable=False),
        sa.Column("disabled", sa.BigInteger),
        sa.Column("reuse", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_rules_links"),
        sa.ForeignKeyConstraint(
            ["domain"], ["rules_link_domains.id"], name="fk_rules_links_domain"
        ),
        sa.UniqueConstraint("domain", "code", name="uq_rules_links_domain_code"),
    )
    for name, column, where, unique in (
        ("uq_rules_links_reuse", "reuse", sa.text("reuse IS NOT NULL"), True),
        ("ix_rules_links_expires", "expires", sa.text("target != ''"), False),
    ):
        op.create_index(
            name,
            "rules_links",
            [column],
            unique=unique,
            sqlite_where=where,
            postgresql_where=where,
        )
    _personal_and_clicks()


def _personal_and_clicks() -> None:
    op.create_table(
        "rules_link_personal",
        sa.Column("link", _SERIAL, nullable=False, autoincrement=False),
        sa.Column("uid", sa.String, nullable=False),
        sa.Column("bot", sa.String, nullable=False),
        sa.Column("hidden", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("link", name="pk_rules_link_personal"),
        sa.ForeignKeyConstraint(["link"], ["rules_links.id"], name="fk_rules_link_personal_link"),
        sa.UniqueConstraint("uid", name="uq_rules_link_personal_uid"),
    )
    op.create_table(
        "rules_link_clicks",
        sa.Column("link", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("human", sa.Boolean, nullable=False),
        sa.Column("device", sa.SmallInteger, nullable=False),
        sa.Column("visitor", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_rules_link_clicks_link_at", "rules_link_clicks", ["link", "at"])
    op.create_table(
        "rules_link_keys",
        sa.Column("day", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_rules_link_keys"),
    )
    op.create_table(
        "rules_link_rates",
        sa.Column("account", sa.String, nullable=False),
        sa.Column("minute", sa.BigInteger, nullable=False),
        sa.Column("made", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_rules_link_rates"),
    )
