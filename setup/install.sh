#!/usr/bin/env bash
# Prepares what `make up` and `make test` need, and starts nothing: Debian packages that are missing, .venv with the
# locked Python packages, and the three packages of this repository. Quick when nothing changed; safe to run twice,
# side by side, and after an interruption.
#
# environment: PYTHON            the interpreter for .venv, 3.11 or later (default: the first one found)
#              PIP_INDEX_URL, PIP_CERT, SSL_CERT_FILE, http_proxy …   honoured for every download
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly VENV=.venv
readonly LOCK_STAMP=$VENV/.locked-packages
readonly PROJECT_STAMP=$VENV/.project-packages
readonly PROJECTS=(. firmware-protocol/python device-sim)

say() { printf 'install: %s\n' "$*"; }
fail() {
    printf 'install: %s\n' "$@" >&2
    exit 1
}

# ── what the system must have ──────────────────────────────────────────────────────────────────────────────────────

is_recent_python() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if is_recent_python "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    fail "HydroAlert needs Python 3.11 or later, and ${PYTHON:-python3} is not." \
        "Install one and name it: make install PYTHON=/path/to/python3.12"
}

have_postgis() {
    local postgres version
    for postgres in /usr/lib/postgresql/*/bin/postgres; do
        version=${postgres#/usr/lib/postgresql/}
        [[ -e /usr/share/postgresql/${version%%/*}/extension/postgis.control ]] && return
    done
    return 1
}

have_broker() { compgen -G '/usr/lib/*/mosquitto_dynamic_security.so' >/dev/null && [[ -x /usr/sbin/mosquitto ]]; }

have_compiler() { command -v gcc >/dev/null && echo '#include <string.h>' | gcc -E - >/dev/null 2>&1; }

# Debian's python3 has the module venv but not ensurepip, and then leaves half a .venv behind: ask before.
venv_package() { "$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'; }

missing_packages() {
    venv_is_whole || "$1" -c 'import ensurepip' 2>/dev/null || venv_package "$1"
    have_postgis || echo postgresql-postgis
    have_broker || echo mosquitto
    have_compiler || printf '%s\n' gcc libc6-dev
    command -v openssl >/dev/null || echo openssl
}

# sudo empties the environment; a machine behind a proxy needs these few.
proxy_settings() { env | grep -iE '^(https?|ftp|no|all)_proxy=' || true; }

install_as_root() {
    local settings
    mapfile -t settings < <(proxy_settings)
    if [[ $(id -u) == 0 ]]; then
        setup/apt.sh "$@"
    elif command -v sudo >/dev/null; then
        say "asking sudo for the rights to install packages"
        sudo env "${settings[@]}" "$PWD/setup/apt.sh" "$@"
    else
        fail "these Debian packages are missing, and neither root nor sudo is at hand: $*" \
            "As root, run: $PWD/setup/apt.sh $*" "Then run make again."
    fi
}

ensure_system() {
    local missing
    mapfile -t missing < <(missing_packages "$1")
    [[ ${#missing[@]} == 0 ]] && return
    command -v apt-get >/dev/null ||
        fail "missing: ${missing[*]} (Debian's names), and there is no apt-get here. Install them, then run make again."
    say "installing Debian packages: ${missing[*]} (no service is started, no database cluster made)"
    install_as_root "${missing[@]}"
}

# ── what .venv must have ───────────────────────────────────────────────────────────────────────────────────────────

# One certificate store for pip and uv: the one that was named, else the system's, which knows a company's own.
settle_certificates() {
    local store=${SSL_CERT_FILE:-${PIP_CERT:-/etc/ssl/certs/ca-certificates.crt}}
    [[ -r $store ]] || return 0
    export SSL_CERT_FILE=${SSL_CERT_FILE:-$store} PIP_CERT=${PIP_CERT:-$store}
}

settle_index() {
    local index
    index=${PIP_INDEX_URL:-$("$VENV/bin/python" -m pip config get global.index-url 2>/dev/null || true)}
    [[ -z $index ]] || export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$index}
}

# pip writes the list of its own files last: with it, the environment was finished; without, it was interrupted.
venv_is_whole() {
    [[ -x $VENV/bin/python ]] &&
        "$VENV/bin/python" -c 'import sys, importlib.metadata as m; sys.exit(not m.files("pip"))' 2>/dev/null
}

ensure_venv() {
    venv_is_whole && return
    say "making $VENV with $("$1" --version) ($1)"
    "$1" -m venv --clear "$VENV"
}

uv() {
    UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV=$PWD/$VENV "$VENV/bin/uv" "$@" --python "$VENV/bin/python"
}

# The directory is part of it: scripts in .venv name it, so a checkout that was moved is installed anew.
fingerprint() {
    {
        echo "$PWD"
        readlink -f "$VENV/bin/python"
        cat setup/install.sh "$@"
    } | sha256sum
}

stamp_holds() { [[ -e $1 && $(<"$1") == "$2" ]]; }

sync_locked_packages() {
    local now
    now=$(fingerprint requirements/uv.txt requirements/dev.txt)
    stamp_holds "$LOCK_STAMP" "$now" && return
    settle_certificates
    settle_index
    say "installing the locked Python packages"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
    rm -f "$PROJECT_STAMP" # the next line takes out what the lock does not name
    uv pip sync --require-hashes requirements/dev.txt
    echo "$now" >"$LOCK_STAMP"
}

# Only what installing reads of a pyproject.toml: a new lint rule is no reason to install again.
project_tables() {
    "$VENV/bin/python" - "$@" <<'PYTHON'
import pathlib, sys, tomllib
for path in sys.argv[1:]:
    tables = tomllib.loads(pathlib.Path(path, "pyproject.toml").read_text())
    print([tables.get("project"), tables.get("build-system"), tables.get("tool", {}).get("hatch")])
PYTHON
}

install_projects() {
    local now
    now=$(project_tables "${PROJECTS[@]}" | fingerprint -)
    stamp_holds "$PROJECT_STAMP" "$now" && return
    say "installing the packages of this repository"
    uv pip install --quiet --no-deps --no-build-isolation "${PROJECTS[@]/#/--editable=}"
    echo "$now" >"$PROJECT_STAMP"
}

main() {
    local python
    exec 9<setup/install.sh
    flock --nonblock 9 || { say "waiting for another installation to end" && flock 9; }
    python=$(find_python)
    ensure_system "$python"
    [[ -w . ]] || fail "$PWD belongs to someone else: run make as its owner, $(stat -c %U .)."
    ensure_venv "$python"
    sync_locked_packages
    install_projects
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then main "$@"; fi
