"""The durable engine: carries work across crashes, on the same SQLite file or PostgreSQL.

DBOS Transact does the carrying. This package is the only place that knows it, so that another
engine could stand here: `WorkStarter` writes work inside a transaction of ours, `Delivery` runs
it, `prepare` makes the engine's own tables.
"""

from rules.gateways.engine.delivery import Delivery
from rules.gateways.engine.starter import WorkStarter, prepare

__all__ = ["Delivery", "WorkStarter", "prepare"]
