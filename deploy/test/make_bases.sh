#!/bin/sh
# Stand-ins for the images that deploy/ starts from, made of Debian's packages: for a machine without an image registry.
#   sh deploy/test/make_bases.sh
# Needs root, podman and debootstrap. What is there already is left as it is; `podman image rm` makes room for a new one.
# They are for tests. Whoever can pull uses the real images.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT

# make_base NAME PACKAGES CHANGES…: a root file system with these packages, imported under the name of the real image.
make_base() {
    name=$1 packages=$2
    shift 2
    if podman image exists "$name"; then
        echo "$name: already there"
        return
    fi
    echo "$name: from Debian's $packages"
    root=$work/root
    debootstrap --variant=minbase --include="$packages" bookworm "$root" >"$work/log" 2>&1 || { tail -20 "$work/log"; exit 1; }
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
    "$prepare" "$root"
    tar --directory "$root" --create . | podman import --quiet "$@" - "$name" >/dev/null
    rm -rf "$root"
}

nothing() { :; }
python_by_its_short_name() { ln -s python3 "$1/usr/bin/python"; }
entry_of_postgres() { install -m 755 "$here/postgres_entry.sh" "$1/usr/local/bin/docker-entrypoint.sh"; }

prepare=python_by_its_short_name
make_base docker.io/library/python:3.11-slim python3,python3-venv,ca-certificates --change 'CMD ["python3"]'

prepare=entry_of_postgres
make_base docker.io/library/postgres:15 postgresql \
    --change 'ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/bin:/usr/bin:/bin' \
    --change 'ENV PGDATA=/var/lib/postgresql/data' \
    --change 'ENTRYPOINT ["docker-entrypoint.sh"]' --change 'CMD ["postgres"]' --change 'STOPSIGNAL SIGINT'

prepare=nothing
make_base docker.io/library/caddy:2 caddy,ca-certificates,curl \
    --change 'ENV XDG_CONFIG_HOME=/config' --change 'ENV XDG_DATA_HOME=/data' \
    --change 'CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]'
