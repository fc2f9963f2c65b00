"""Short links: which target may have one, its code, who clicked, how long it lives. Pure rules.

Randomness, clock and store are passed in, or stay outside altogether.

>>> clean_target("HTTPS://Shop.Example:443/Sale?x=1", own_domains=())
'https://shop.example/Sale?x=1'
>>> make_code(lambda n: n - 1, 8)
'zzzzzzzz'
>>> is_human("GET", {"User-Agent": "Mozilla/5.0 (Android 15; Mobile)"}, ("bot", "preview"))
True
"""

from rules.links.clicks import Device, device_of, is_human, visitor_mark
from rules.links.codes import PERSONAL_LENGTH, SHORT_LENGTH, is_code, make_code
from rules.links.life import Life, State, may_reuse, state_at
from rules.links.misses import Misses, network_of
from rules.links.settings import LINKS, Bot, LinkSettings
from rules.links.target import BadTarget, Reason, clean_target, personal_target, with_query

__all__ = [
    "LINKS",
    "PERSONAL_LENGTH",
    "SHORT_LENGTH",
    "BadTarget",
    "Bot",
    "Device",
    "Life",
    "LinkSettings",
    "Misses",
    "Reason",
    "State",
    "clean_target",
    "device_of",
    "is_code",
    "is_human",
    "make_code",
    "may_reuse",
    "network_of",
    "personal_target",
    "state_at",
    "visitor_mark",
    "with_query",
]
