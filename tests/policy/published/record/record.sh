#!/bin/sh
# Asks the other engine again. Needs node and npm; writes ../answers.json. Its version is pinned in package.json.
set -eu
cd "$(dirname "$0")"
npm install --no-audit --no-fund --no-save
version=$(node -p 'require("./node_modules/@cloud-copilot/iam-simulate/package.json").version')
answers=$(cd ../../../.. && python -m tests.policy.published.questions | node tests/policy/published/record/answer.mjs)
printf '{"engine": "@cloud-copilot/iam-simulate", "version": "%s", "date": "%s", "answers": [\n%s\n]}\n' \
  "$version" "$(date -u +%Y-%m-%d)" "$(printf '%s' "$answers" | sed '$!s/$/,/')" > ../answers.json
