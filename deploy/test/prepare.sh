#!/bin/sh
# Puts in place what the tests of the installation need on Debian: podman, and images made of Debian's packages.
# Exits with 75 and a reason where that cannot be (no root, no apt).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export CONTAINERS_CONF="$here/containers.conf"
not_here() { echo "$1"; exit 75; }
[ "$(id -u)" = 0 ] || not_here "The installation is not tested here: it needs root, to install podman and to make images."
missing=
for program in podman runc debootstrap openssl catatonit dnsmasq iptables; do
    command -v "$program" >/dev/null || [ -x "/usr/libexec/podman/$program" ] || [ -x "/usr/sbin/$program" ] || missing="$missing $program"
done
[ -x /usr/lib/cni/dnsname ] || missing="$missing dnsname"
if [ -n "$missing" ]; then
    command -v apt-get >/dev/null || not_here "The installation is not tested here: without$missing, and no apt-get to install them."
    apt-get update --quiet=2 >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends \
        podman runc debootstrap openssl catatonit iptables dnsmasq-base containernetworking-plugins \
        golang-github-containernetworking-plugin-dnsname ca-certificates >/dev/null
fi
podman info >/dev/null 2>&1 || not_here "The installation is not tested here: podman does not work ($(podman info 2>&1 | tail -1))."
sh "$here/make_bases.sh"
