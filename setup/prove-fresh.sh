#!/usr/bin/env bash
# Proves that a fresh Debian 12 needs nothing but this repository: clones HEAD into a machine that has only make, git,
# python3, sudo and certificates (debootstrap, chroot, its own process and mount namespace, so that nothing stays
# behind), and types there what a newcomer types. How this machine reaches the package archives (proxy, certificates,
# name service, pip's settings) is passed on.
#
# usage: prove-fresh.sh [--as root|user] [--dir DIR] [--keep] [COMMAND...]
#   --as     who types: root, or an ordinary user with sudo (default: user)
#   --dir    where the machines are kept (default: /var/tmp/bare)
#   --keep   go on with the machine of the last run, its clone brought to HEAD, instead of a fresh one
#   COMMAND  what is typed, each in the clone (default: "make install" "make test" "setup/prove-up.py")
# It needs root, debootstrap, git and 2 GB below DIR.
set -euo pipefail

SELF=$(readlink -f "$0")
REPOSITORY=$(dirname "$(dirname "$SELF")")
readonly USER_NAME=newcomer

say() { printf '── fresh machine: %s\n' "$*"; }

usage() { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$SELF"; }

parse() {
    as=user dir=/var/tmp/bare keep=no commands=()
    while [[ $# -gt 0 ]]; do
        case $1 in
        --as) as=$2 && shift 2 ;;
        --dir) dir=$2 && shift 2 ;;
        --keep) keep=yes && shift ;;
        --help) usage && exit ;;
        *) commands+=("$1") && shift ;;
        esac
    done
    [[ ${#commands[@]} -gt 0 ]] || commands=("make install" "make test" "setup/prove-up.py")
    machine=$dir/$as
    home=/root && [[ $as == root ]] || home=/home/$USER_NAME
}

make_pristine() {
    [[ -e $dir/pristine/usr/bin/make ]] && return
    say "debootstrap into $dir/pristine"
    rm -rf "$dir/pristine" && mkdir -p "$dir"
    debootstrap --variant=minbase --include=make,git,python3,ca-certificates,sudo bookworm "$dir/pristine"
}

pass_on_network_settings() {
    cp -L /etc/resolv.conf /etc/hosts "$machine/etc/"
    cp -a /usr/local/share/ca-certificates/. "$machine/usr/local/share/ca-certificates/"
    cp -a /etc/ssl/certs/. "$machine/etc/ssl/certs/"
    apt-config dump | grep -iE '^Acquire::.*(proxy|verify|cainfo)' >"$machine/etc/apt/apt.conf.d/90passed-on" || true
}

add_user() {
    [[ $as == user ]] || return 0
    chroot "$machine" useradd --create-home --shell /bin/bash "$USER_NAME"
    echo "$USER_NAME ALL=(ALL) NOPASSWD: ALL" >"$machine/etc/sudoers.d/$USER_NAME"
}

clone() {
    say "cloning $(git -C "$REPOSITORY" log -1 --format='%h %s')"
    git clone --quiet --no-hardlinks "$REPOSITORY" "$machine$home/hydroalert"
    if [[ -d $REPOSITORY/../shared ]]; then cp -r "$REPOSITORY/../shared" "$machine$home/shared"; fi
    [[ $as == root ]] || chroot "$machine" chown -R "$USER_NAME:" "$home"
}

update_clone() {
    say "bringing its clone to $(git -C "$REPOSITORY" log -1 --format='%h %s')"
    git -c safe.directory='*' -C "$machine$home/hydroalert" pull --quiet --ff-only "$REPOSITORY" HEAD
    [[ $as == root ]] || chroot "$machine" chown -R "$USER_NAME:" "$home/hydroalert"
}

make_machine() {
    if [[ $keep == yes && -d $machine ]]; then
        update_clone
        return
    fi
    say "a new one in $machine"
    rm -rf --one-file-system "$machine"
    cp -a "$dir/pristine" "$machine"
    pass_on_network_settings
    add_user
    clone
}

mount_kernel_files() {
    mount -t proc proc "$machine/proc"
    mount --rbind /dev "$machine/dev"
    mount -t tmpfs tmpfs "$machine/dev/shm"
    mount --rbind --read-only /sys "$machine/sys"
}

# What a login gives, and how packages are reached; nothing else of this machine's environment.
settings() {
    local path=/usr/local/bin:/usr/bin:/bin
    [[ $as == root ]] && path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    printf '%s\n' "HOME=$home" "PATH=$path" "TERM=${TERM:-dumb}"
    env | grep -iE '^((https?|no|all)_proxy|pip_(cert|index_url|default_timeout)|ssl_cert_file|uv_default_index)=' || true
}

run_inside() {
    local given login=()
    mapfile -t given < <(settings)
    [[ $as == root ]] || login=(setpriv --reuid="$USER_NAME" --regid="$USER_NAME" --init-groups)
    (cd / && exec chroot "$machine" "${login[@]}" env -i "${given[@]}" bash -c "cd ~/hydroalert && $1" </dev/null)
}

nothing_was_started() {
    local found
    found=$(chroot "$machine" sh -c 'ls -d /etc/postgresql/*/* /usr/sbin/policy-rc.d* /etc/postgresql-common/createcluster.d \
        2>/dev/null; grep -lE "^Name:.(mosquitto|postgres)" /proc/[0-9]*/status 2>/dev/null' || true)
    [[ -z $found ]] && return
    say "left behind by the installation: $found"
    return 1
}

type_commands() {
    local command started
    mount_kernel_files
    for command in "${commands[@]}"; do
        say "$as types: $command"
        started=$SECONDS
        run_inside "$command" || { say "FAILED after $((SECONDS - started)) s: $command" && return 1; }
        say "done in $((SECONDS - started)) s: $command"
        nothing_was_started
    done
    say "proved, as $as"
}

main() {
    parse "$@"
    if [[ ${FRESH_MACHINE_INSIDE:-} != yes ]]; then
        make_pristine
        make_machine
        FRESH_MACHINE_INSIDE=yes exec unshare --mount --pid --ipc --fork --kill-child "$SELF" "$@"
    fi
    type_commands
}

main "$@"
