#!/usr/bin/env bash
# Hands over to run.mjs. What runs a site's build has Node nearly always; bash alone could neither read a JSON report nor
# pass `/docs/` to a Windows program without its turning into a path.
set -euo pipefail

if ! command -v node >/dev/null 2>&1; then
  echo '::error title=kiln::node (18 or newer) is needed on PATH to run kiln as an action; actions/setup-node puts it there'
  exit 1
fi
exec node "${GITHUB_ACTION_PATH:?}/action/run.mjs"
