#!/bin/sh
# Starts graph-emulator with two tenants, runs the tests of this folder against it, and stops it.
#
#   test-with-emulator.sh [terraform|tofu] [SEED]
#
# SEED is a file with the tenants; by default that of the two-tenants example. graph-emulator must be on PATH, or named by
# GRAPH_EMULATOR.
set -eu
cd "$(dirname "$0")"
cli=${1:-terraform}
seed=${2:-../two-tenants/seed.json}
ready=$(mktemp)
"${GRAPH_EMULATOR:-graph-emulator}" --listen 127.0.0.1:0 --seed "$seed" >"$ready" &
emulator=$!
trap 'kill $emulator 2>/dev/null; rm -f "$ready"' EXIT
# When the emulator is ready, it writes its URL as JSON in the first line.
until [ -s "$ready" ]; do
  kill -0 "$emulator" || exit 1
  sleep 0.1
done
address() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$ready" | head -n 1; }
SOURCE_GRAPH_ENDPOINT=$(address graph) SOURCE_LOGIN_ENDPOINT=$(address login)
TARGET_GRAPH_ENDPOINT=$SOURCE_GRAPH_ENDPOINT TARGET_LOGIN_ENDPOINT=$SOURCE_LOGIN_ENDPOINT
SOURCE_TENANT_ID=3f1c8a52-6d0b-4c1e-9c55-0a7d2b9e4f10
SOURCE_CLIENT_ID=c0a7e1d4-52b8-4f0e-8a3b-6d9f1e2c7b01 SOURCE_CLIENT_SECRET=emulator-only-contoso-secret
TARGET_TENANT_ID=8b2e6d17-4f93-4a5c-b1d8-5e0c3a7f9264
TARGET_CLIENT_ID=fab51c20-9d3e-4b67-a0c4-2e8d7f5b3a02 TARGET_CLIENT_SECRET=emulator-only-fabrikam-secret
export SOURCE_GRAPH_ENDPOINT SOURCE_LOGIN_ENDPOINT SOURCE_TENANT_ID SOURCE_CLIENT_ID SOURCE_CLIENT_SECRET
export TARGET_GRAPH_ENDPOINT TARGET_LOGIN_ENDPOINT TARGET_TENANT_ID TARGET_CLIENT_ID TARGET_CLIENT_SECRET
"$cli" test -filter=tests/emulator.tftest.hcl
