"""A process that accepts orders as fast as it can: `python -m tests.kills.accepter FILE PREFIX`.

After each reply it notes `client-id own-id code` in the file. Settings come from the environment.
"""

from __future__ import annotations

import os
import sys
from itertools import count
from pathlib import Path

from rules.bootstrap import build
from rules.methods import answer
from rules.settings import Settings

SECURITY_ID = "s" * 64


def body(client_id):
    fields = {
        "$flow.syskey.securityID": SECURITY_ID,
        "$flow.syskey.flowID": "aB3dE5gH",
        "$flow.syskey.clientID": client_id,
        "$flow.syskey.contactNumbers": "9876543210",
    }
    return {"keys": [{"name": name, "value": value} for name, value in fields.items()]}


def main(path, prefix):
    services = build(Settings.from_mapping(os.environ))
    with Path(path).open("a", buffering=1) as file:
        for number in count():
            client_id = f"{prefix}-{number}"
            reply = answer(body(client_id), services, method="createOutbound")
            values = {key["name"].rpartition(".")[2]: key["value"] for key in reply.body["keys"]}
            if reply.status == 200 and values["obdOwnReqID"]:
                file.write(f"{client_id} {values['obdOwnReqID']} {values['obdResponseCode']}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
