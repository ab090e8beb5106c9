#!/usr/bin/env bash
# The main job, end to end, on the bundled KMS: nothing leaves this machine.
set -euo pipefail
cd "$(dirname "$0")"

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export KMSCTL_HOME="$home/kms"

step() { printf '\n\033[1m── %s\033[0m\n$ %s\n\n' "$1" "$2"; }
run() { # run TITLE WANTED-EXIT-CODE COMMAND...
  local title=$1 wanted=$2 code=0
  shift 2
  step "$title" "$*"
  "$@" || code=$?
  if [ "$code" -ne "$wanted" ]; then
    printf '\nexit code %s, where %s was expected\n' "$code" "$wanted" >&2
    exit 1
  fi
}

run "1. What would happen? Nothing is there yet." 0 kmsctl plan -f keys.yaml
run "2. Make it so." 0 kmsctl apply -f keys.yaml --auto-approve
run "3. Plan again: there is nothing to do." 0 kmsctl plan -f keys.yaml --detailed-exitcode

step "4. Somebody changes the key behind our back." "kmsctl local call PutKeyPolicy … ; kmsctl local call DisableKeyRotation …"
key=$(kmsctl local call ListAliases | python3 -c '
import json, sys
print(next(a["TargetKeyId"] for a in json.load(sys.stdin)["Aliases"] if a["AliasName"] == "alias/orders"))')
kmsctl local call PutKeyPolicy "$(KEY=$key python3 -c '
import json, os
anyone = {"Sid": "Oops", "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
print(json.dumps({"KeyId": os.environ["KEY"], "Policy": json.dumps({"Version": "2012-10-17", "Statement": [anyone]})}))')"
kmsctl local call DisableKeyRotation "{\"KeyId\": \"$key\"}"

run "5. Drift is seen (exit code 2)." 2 kmsctl drift -f keys.yaml
run "6. And repaired." 0 kmsctl apply -f keys.yaml --auto-approve
run "7. All is as declared." 0 kmsctl drift -f keys.yaml

printf '\n\033[1mThat is the main job: manifests, plan, apply, drift.\033[0m Next: README.md and examples/payments.\n'
