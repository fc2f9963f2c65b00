"""Ports of this machine: a free one, and whether somebody listens."""

from __future__ import annotations

import socket
import time

__all__ = ["HOST", "free_port", "wait_for_listener"]

HOST = "127.0.0.1"


def free_port(wanted: int) -> int:
    """The wanted port when nobody has it, else any free one."""
    with socket.socket() as probe, socket.socket() as other:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError:
            other.bind((HOST, 0))
            return int(other.getsockname()[1])
        return wanted


def wait_for_listener(port: int, *, seconds: float) -> bool:
    """Wait until somebody listens on a port; `False` when nobody does in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return True
        time.sleep(0.05)
    return False
