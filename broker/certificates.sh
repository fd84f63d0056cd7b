#!/bin/sh
# Creates and renews the certificates of the broker's TLS listener: an authority of your own, and a server
# certificate signed by it.
#
#   broker/certificates.sh DIRECTORY NAME...
#
# NAME is a host name or an IP address under which devices reach the broker. Run it again at any time: what is
# still good stays. The server certificate is made anew when it ends within 30 days or lacks a NAME; the
# authority, which is flashed into devices, stays for twenty years.
#
#   ca.crt       to the devices: whom they believe
#   ca.key       to a safe place: whoever has it can pretend to be your broker
#   server.crt   to the broker
#   server.key   to the broker, readable by it alone
set -eu

case "${1:-}" in
'' | -h | --help)
    sed -n '2,/^set /{s/^# \{0,1\}//p}' "$0"
    [ -n "${1:-}" ] && exit 0 || exit 2
    ;;
esac
if [ "$#" -lt 2 ]; then
    echo "certificates.sh: name at least one host or address that devices connect to" >&2
    exit 2
fi
if ! command -v openssl >/dev/null; then
    echo "certificates.sh: openssl is not installed; try: apt-get install openssl" >&2
    exit 1
fi

directory=$1
shift
umask 077
mkdir -p "$directory"
cd "$directory"

names=
for name in "$@"; do
    case $name in
    *:*) kind=IP ;;
    *[!0-9.]*) kind=DNS ;;
    *) kind=IP ;;
    esac
    names="${names:+$names,}$kind:$name"
done

# An authority without its key is somebody else's, or ours with its key kept safe: nothing here can be made then.
if [ -s ca.crt ] && [ ! -s ca.key ] && [ -s server.crt ] && [ -s server.key ]; then
    openssl x509 -in server.crt -noout -checkend 2592000 >/dev/null ||
        echo "certificates.sh: $directory/server.crt ends within 30 days; renew it where ca.key is" >&2
    echo "kept"
    exit 0
fi

if [ ! -s ca.key ] || [ ! -s ca.crt ]; then
    openssl ecparam -name prime256v1 -genkey -noout -out ca.key.unfinished
    openssl req -x509 -new -key ca.key.unfinished -sha256 -days 7305 -subj "/CN=HydroAlert broker authority" \
        -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" \
        -out ca.crt.unfinished
    mv ca.key.unfinished ca.key
    mv ca.crt.unfinished ca.crt
    chmod 644 ca.crt
    rm -f server.crt
fi

# What the certificate was made for stands beside it: two ways to write one IPv6 address would never compare equal.
if [ -s server.crt ] && [ -s server.key ] && [ "$(cat server.names 2>/dev/null)" = "$names" ] &&
    openssl x509 -in server.crt -noout -checkend 2592000 >/dev/null &&
    openssl verify -CAfile ca.crt server.crt >/dev/null 2>&1; then
    echo "kept"
    exit 0
fi

openssl ecparam -name prime256v1 -genkey -noout -out server.key.unfinished
openssl req -new -key server.key.unfinished -subj "/CN=HydroAlert broker" -out server.csr
printf '%s\n' "subjectAltName=$names" "basicConstraints=critical,CA:FALSE" \
    "keyUsage=critical,digitalSignature" "extendedKeyUsage=serverAuth" >server.extensions
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -sha256 -days 397 \
    -extfile server.extensions -out server.crt.unfinished 2>/dev/null
mv server.key.unfinished server.key
mv server.crt.unfinished server.crt
chmod 644 server.crt
printf '%s\n' "$names" >server.names
rm -f server.csr server.extensions
echo "made"
