#!/usr/bin/env bash
# Installs Debian packages (as root) without starting, enabling or creating anything that they bring:
# Debian's mosquitto would take port 1883 and its PostgreSQL would make a cluster on 5432, although HydroAlert
# runs private ones. What this changes for the time of the installation is put back, also after a failure.
#
# usage: apt.sh PACKAGE...
set -euo pipefail

readonly POLICY=/usr/sbin/policy-rc.d
readonly POLICY_BEFORE=$POLICY.before-hydroalert
readonly CLUSTER_DIR=/etc/postgresql-common/createcluster.d
readonly CLUSTER_CONF=$CLUSTER_DIR/hydroalert-install.conf
readonly SERVICES=(mosquitto.service postgresql.service)

say() { printf 'install: %s\n' "$*"; }

apt_get() {
    DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -q -y \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null
}

# invoke-rc.d asks policy-rc.d before it starts a service; 101 means "not allowed". An administrator's own policy
# is set aside, and one that a killed run of this script left behind is ours to overwrite.
forbid_services() {
    if [[ -e $POLICY && ! -e $POLICY_BEFORE ]]; then mv "$POLICY" "$POLICY_BEFORE"; fi
    printf '#!/bin/sh\nexit 101\n' >"$POLICY"
    chmod 755 "$POLICY"
}

# createcluster.conf is a conffile of postgresql-common, which may not be installed yet: writing it here would make
# dpkg ask. It includes this directory, which belongs to nobody.
forbid_cluster() {
    mkdir -p "$CLUSTER_DIR"
    echo 'create_main_cluster = false' >"$CLUSTER_CONF"
}

restore() {
    rm -f "$POLICY" "$CLUSTER_CONF"
    if [[ -e $POLICY_BEFORE ]]; then mv "$POLICY_BEFORE" "$POLICY"; fi
    rmdir --parents --ignore-fail-on-non-empty "$CLUSTER_DIR" 2>/dev/null || true
}

known_to_apt() {
    local package
    for package in "$@"; do
        apt-cache show --no-all-versions "$package" >/dev/null 2>&1 || return 1
    done
}

unit_exists() { [[ -e /lib/systemd/system/$1 || -e /etc/systemd/system/$1 ]]; }

# A service that this installation brought must not start at the next boot either. One that was there before is
# somebody's, and stays as it is.
disable_new_services() {
    local unit
    command -v systemctl >/dev/null || return 0
    for unit in "$@"; do
        if unit_exists "$unit"; then
            say "leaving $unit off: HydroAlert runs its own"
            systemctl --quiet disable "$unit" || say "could not disable $unit; do it by hand if its port matters"
        fi
    done
}

install_packages() {
    known_to_apt "$@" || apt_get update
    # A list of yesterday may name files that the mirror no longer has.
    apt_get install --no-install-recommends "$@" || { apt_get update && apt_get install --no-install-recommends "$@"; }
}

main() {
    local unit absent=()
    for unit in "${SERVICES[@]}"; do unit_exists "$unit" || absent+=("$unit"); done
    trap restore EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    forbid_services
    forbid_cluster
    install_packages "$@"
    disable_new_services "${absent[@]}"
}

main "$@"
