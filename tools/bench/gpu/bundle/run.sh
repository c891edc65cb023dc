#!/bin/sh
# Checks and joins the pieces that lie beside this script, unpacks them once, and starts the benchmark with the Node that
# they bring along: sh run.sh [OPTION ...]; `sh run.sh --help` lists them. Needs tar, gzip and sha256sum.
# KINORA_BENCH_FOLDER says where to unpack (1 GB; default: kinora-bench-gpu in the folder for temporary files).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=${KINORA_BENCH_FOLDER:-${TMPDIR:-/tmp}/kinora-bench-gpu}
want=$(sha256sum <"$here/SHA256SUMS")
if [ "$(cat "$to/.unpacked" 2>/dev/null || true)" != "$want" ]; then
  (cd "$here" && sha256sum --check --quiet SHA256SUMS)
  mkdir -p "$to"
  cat "$here"/bundle.tar.gz.* | tar -xzf - -C "$to"
  echo "$want" >"$to/.unpacked"
fi
exec "$to/node" "$to/dist/tools/bench/gpu/command.js" "$@"
