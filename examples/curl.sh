#!/bin/sh
# The running example with curl and nothing else. Usage: sh curl.sh [http://127.0.0.1:8080]
base=${1:-http://127.0.0.1:8080}
answer=$(curl -sS --fail -H 'Content-Type: application/json' "$base/v1/evaluate" \
  -d '{"expression": "(x + w) * (w + 1)", "leaves": {"w": 1, "x": 2}, "trace": false}') || exit 1
field() { printf '%s\n' "$answer" | sed "s/$1/\\1/"; }
echo "y = $(field '^{"value":\([^,]*\),.*')"
echo "dy/dw = $(field '.*"gradients":{"w":\([^,]*\),.*')"
echo "dy/dx = $(field '.*"gradients":{[^}]*"x":\([^}]*\)}.*')"
