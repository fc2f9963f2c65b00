"""A sandbox that behaves as the telephony platform's dialler, to try and test against."""

from rules.sandbox.app import create_sandbox_app
from rules.sandbox.config import SandboxAccount, SandboxConfig, read_config
from rules.sandbox.dialler import FAULTS, Fault, Sandbox, SandboxAnswer
from rules.sandbox.flow_end import FlowEndPusher
from rules.sandbox.inprocess import InProcessDialler
from rules.sandbox.server import SandboxServer

__all__ = [
    "FAULTS",
    "Fault",
    "FlowEndPusher",
    "InProcessDialler",
    "Sandbox",
    "SandboxAccount",
    "SandboxAnswer",
    "SandboxConfig",
    "SandboxServer",
    "create_sandbox_app",
    "read_config",
]
