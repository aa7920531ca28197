#!/bin/sh
# Usage: install.sh VENV PINNED_SET
# Makes the virtual environment where there is none that runs, installs the pinned set by hash, then the project itself.
set -eu
venv=$1
pinned=$2

runs() {
    "$1" -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        if runs "$PYTHON"; then echo "$PYTHON"; return; fi
        echo "PYTHON=$PYTHON is not Python 3.11 to 3.13 with venv." >&2
        return 1
    fi
    for candidate in python3 python3.13 python3.12 python3.11; do
        if runs "$candidate"; then echo "$candidate"; return; fi
    done
    echo 'CareLedger needs Python 3.11, 3.12 or 3.13 (with venv); none was found. Name one: make PYTHON=/path/to/python3' >&2
    return 1
}

if ! runs "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    echo "Making $venv with $("$python" --version)."
    "$python" -m venv --clear "$venv" || {
        echo "$python cannot make a virtual environment; on Debian and Ubuntu the package python3-venv is missing." >&2
        exit 1
    }
fi

exec "$venv/bin/python" requirements/install.py "$pinned"
