#!/usr/bin/env bash
# Prints the secrets that compose.yaml asks for, drawn at random. Keep them: they open the database.
#
#   (umask 077 && setup/container-secrets.sh NAME >.env)
#   docker compose up
#
# NAME is the host name or address under which devices reach this machine.
set -euo pipefail

if [[ $# != 1 || $1 == -* ]]; then
    sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" >&2
    exit 2
fi

random() { head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

cat <<END
HYDROALERT_BROKER_NAME=$1
HYDROALERT_DATABASE_PASSWORD=$(random)
HYDROALERT_MASTER_KEY=$(random)
HYDROALERT_BROKER_ADMIN_PASSWORD=$(random)
HYDROALERT_BROKER_BRIDGE_PASSWORD=$(random)
HYDROALERT_BROKER_ALERTING_PASSWORD=$(random)
END
