"""A process that writes to a store in a loop, acknowledging each write on standard output: `writer.py FOLDER COUNT`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from reconciler.engine.engine import Engine


def main() -> None:
    client = Engine.open(Path(sys.argv[1])).client()
    for index in range(int(sys.argv[2])):
        key = client("CreateKey", {"Description": str(index)})["KeyMetadata"]["KeyId"]
        blob = client("Encrypt", {"KeyId": key, "Plaintext": str(index).encode()})["CiphertextBlob"]
        client("CreateAlias", {"AliasName": f"alias/{key}", "TargetKeyId": key})
        print(json.dumps([key, blob.hex(), index]), flush=True)


if __name__ == "__main__":
    main()
