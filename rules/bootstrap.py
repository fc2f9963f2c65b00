"""From settings to services: the one place that wires real clocks, stores and senders."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import TYPE_CHECKING

from rules.gateways.accounts import AccountsFile
from rules.gateways.engine import WorkStarter
from rules.gateways.engine import prepare as prepare_engine
from rules.gateways.http import HttpClient, open_client
from rules.gateways.live import live_numbers
from rules.gateways.metrics import PrometheusMetrics
from rules.gateways.outbound import HttpDialler
from rules.gateways.pushing import HttpPusher
from rules.gateways.report_sinks import ReportSinks, report_folder
from rules.gateways.translate import HttpTranslator
from rules.services import Services
from rules.services.handover import orders_health
from rules.services.housekeeping import prefs_tasks
from rules.services.nodes import FORGOTTEN, delivery_health
from rules.services.pushing import KEPT_MESSAGES, messages_health
from rules.services.webhooks import KEPT
from rules.settings import Accounts
from rules.storage import database_state, make_engine, migrate, open_database
from rules.storage.consents import SqlConsents
from rules.storage.flow_ends import SqlEndpoints, SqlFlowEnds
from rules.storage.link_services import SWEPT_LINKS, link_services
from rules.storage.live import SqlLive
from rules.storage.messages import SqlMessages
from rules.storage.nodes import SqlNodes
from rules.storage.outbound import SqlOrders
from rules.storage.pauses import SqlPauses
from rules.storage.preferences import SqlPreferences
from rules.storage.reports import SqlReports
from rules.storage.seal import DataSeal
from rules.storage.translation import SqlTranslations
from rules.storage.webhooks import SqlWebhooks
from rules.tables import tables_health

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from rules.services import Health, Sweep
    from rules.services.links import LinkServices
    from rules.services.outgoing import Outgoing
    from rules.settings import Settings

__all__ = ["build", "open_store", "prepare_database"]

_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def build(settings: Settings) -> Services:
    """The services of an installation.

    Raises `SettingsRefused` for a bad accounts file, and `GuardBroken` when the address guard of
    outgoing calls does not hold. Nothing is opened here: stores connect on first use, after the
    server has forked.
    """
    health: dict[str, Health] = {"data": lambda: tables_health(_now().date())}
    accounts = _accounts(settings, health)
    engine = open_store(settings)
    starter = WorkStarter(engine)
    outgoing = open_client(settings)
    messages = SqlMessages(engine, starter)
    orders = SqlOrders(engine, starter)
    live = SqlLive(engine)
    webhooks = SqlWebhooks(engine, DataSeal(settings.data_key), starter)
    nodes = SqlNodes(engine)
    health |= _store_health(engine, messages, nodes)
    links = link_services(engine, settings)
    translations = SqlTranslations(engine)
    reports = ReportSinks(report_folder(settings.database), SqlReports(engine))
    services = Services(
        clock=_now,
        draw=secrets.randbelow,
        settings=settings,
        accounts=accounts,
        health=health,
        outgoing=outgoing,
        metrics=PrometheusMetrics(),
        orders=orders,
        flow_ends=SqlFlowEnds(engine, starter),
        endpoints=SqlEndpoints(engine, starter),
        messages=messages,
        pusher=HttpPusher(outgoing, accounts),
        webhooks=webhooks,
        housekeeping={
            "orders": orders.sweep,
            "live": live.purge,
            "messages": lambda now: messages.sweep(now - KEPT_MESSAGES),
            "webhook variables": lambda now: webhooks.sweep(now - KEPT),
            "translations": translations.sweep,
            "nodes": lambda now: nodes.sweep(now - FORGOTTEN),
            **_more_tasks(engine, accounts, links, reports),
        },
        preferences=SqlPreferences(engine),
        consents=SqlConsents(engine),
        pauses=SqlPauses(engine),
        links=links,
        translator=_translator(settings, outgoing, translations),
        reports=reports,
        dialler=_dialler(settings, outgoing),
        live_numbers=live_numbers(settings, outgoing, live, clock=_now, monotonic=time.monotonic),
    )
    health["outbound"] = orders_health(services)
    return services


def _store_health(engine: Engine, messages: SqlMessages, nodes: SqlNodes) -> dict[str, Health]:
    """Health of what is kept: the database, messages, delivery processes."""
    return {
        "database": lambda: database_state(engine),
        "messages": lambda: messages_health(messages, _now()),
        "delivery": lambda: delivery_health(nodes, _now()),
    }


def _more_tasks(
    engine: Engine, accounts: Callable[[], Accounts], links: LinkServices, reports: ReportSinks
) -> dict[str, Sweep]:
    """Housekeeping of preferences, breaks, links and reports."""
    return {
        **prefs_tasks(SqlPreferences(engine), SqlPauses(engine), accounts),
        "links": lambda now: links.links.sweep(now, SWEPT_LINKS),
        **reports.housekeeping(accounts),
    }


def _accounts(settings: Settings, health: dict[str, Health]) -> Callable[[], Accounts]:
    """The accounts in force, read again when their file changes; none where none is named."""
    if not settings.accounts:
        nothing = Accounts()
        return lambda: nothing
    file = AccountsFile(settings.accounts, monotonic=time.monotonic)
    health["accounts"] = file.state
    return file


def _translator(settings: Settings, outgoing: Outgoing, store: SqlTranslations) -> HttpTranslator:
    return HttpTranslator(
        outgoing, monotonic=time.monotonic, store=store, hash_key=settings.hash_key
    )


def _dialler(settings: Settings, outgoing: Outgoing) -> HttpDialler:
    """The dialler; a sandbox on this machine gets a client that may reach this machine only."""
    url = settings.sandbox_dialler
    sandbox = HttpClient(allowed=_LOOPBACK) if url else None
    return HttpDialler(outgoing, sandbox_url=url, sandbox=sandbox)


def _now() -> datetime:
    return datetime.now(UTC)


def open_store(settings: Settings) -> Engine:
    """The database of an installation, connected on first use; a new SQLite file is filled."""
    return open_database(settings.database, fill=lambda: prepare_database(settings))


def prepare_database(settings: Settings) -> tuple[str | None, str]:
    """Bring the engine's tables and ours up to date; gives back our schema before and after."""
    engine = make_engine(settings.database)
    try:
        prepare_engine(engine)
        return migrate(engine)
    finally:
        engine.dispose()
