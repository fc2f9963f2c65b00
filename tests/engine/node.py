"""A delivery process for tests: `python -m tests.engine.node ADDRESS NODE LOG SECONDS`.

Its handler notes each piece of work in a file when it begins and when it ends, and takes so many
seconds between the two.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

from rules.gateways.engine import Delivery
from rules.storage import make_engine, transaction


def note(path, word, argument):
    with Path(path).open("a", buffering=1) as file:
        file.write(f"{word} {argument['n']} {os.getpid()}\n")


def main(address, node, path, seconds):
    engine = make_engine(address)

    def handler(argument):
        note(path, "begin", argument)
        time.sleep(float(seconds))
        note(path, "end", argument)

    delivery = Delivery(
        engine, {"deliver-order": handler}, node=node, write=lambda: transaction(engine)
    )
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    delivery.start()
    note(path, "ready", {"n": "-"})
    stop.wait()
    delivery.stop(wait_seconds=5)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
