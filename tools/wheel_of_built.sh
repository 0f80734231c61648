#!/usr/bin/env bash
# Makes the wheel of what a build folder holds, for one Python, with nothing compiled.
#
#     wheel_of_built.sh PYTHON BUILD FOLDER
#
# BUILD was configured with TYPECASE_PYTHON for that PYTHON, which has scikit-build-core and nanobind.
set -euo pipefail

python=$1 build=$(realpath -- "$2") folder=$(realpath -- "$3")
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
"$python" -m pip wheel . --quiet --disable-pip-version-check --no-deps --no-index --no-build-isolation \
  --wheel-dir "$folder" --config-settings "build-dir=$scratch" \
  --config-settings "cmake.define.TYPECASE_BUILT=$build" --config-settings cmake.define.TYPECASE_PYTHON=OFF
