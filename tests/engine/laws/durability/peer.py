"""Another process on a store, which does as it is told: `peer.py FOLDER`, a line of JSON in, a line of JSON out.

`["observe"]` tells everything that there is; `["mutate", OPERATION]` prepares and calls an operation; `["die"]` does so
and is killed at once when the call is acknowledged.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from reconciler.engine.crypto import wrapping
from reconciler.engine.engine import Engine
from tests.engine.laws.durability.mutations import prepared
from tests.engine.laws.durability.observing import HOME, observed


def main():
    pair = wrapping.generate("RSA_2048")
    wrapping.generate = lambda _: pair
    engine = Engine.open(Path(sys.argv[1]))
    for line in sys.stdin:
        print(json.dumps(answer(engine, *json.loads(line))), flush=True)


def answer(engine, order, operation=""):
    kms = engine.client(region=HOME)
    if order != "observe":
        parameters = prepared(kms, operation)
        kms(operation, parameters)
    if order == "die":
        sys.stdout.write(json.dumps("acknowledged") + "\n")
        sys.stdout.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    return observed(lambda region: engine.client(region=region))


if __name__ == "__main__":
    main()
