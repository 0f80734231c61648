#!/usr/bin/env bash
# Makes the Python environment of the tests in FOLDER, or says why it cannot.
#
#     python_environment.sh FOLDER
#
# Packages come from PyPI. A folder that has them all is left alone.
set -euo pipefail

folder=$1
packages=(nanobind==3.1.0 scikit-build-core==1.1.2 numpy pytest nbclient==0.11.0 ipykernel==7.4.0)
[[ "$(cat "$folder/complete" 2>/dev/null)" != "${packages[*]}" ]] || exit 0

python3 - <<'CHECK' || { echo "Python's headers are missing (Debian: python3-dev)" >&2; exit 1; }
import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))
CHECK
if [[ ! -f $folder/complete ]]; then
  rm -rf -- "$folder"
  python3 -m venv "$folder"
fi
"$folder/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"
printf '%s\n' "${packages[*]}" >"$folder/complete"
