#!/bin/sh
# What the real image's entry does of it: a database of POSTGRES_DB, owned by POSTGRES_USER, with POSTGRES_PASSWORD.
set -eu
as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }
install --directory --owner=postgres --group=postgres --mode=700 "$PGDATA"
install --directory --owner=postgres --group=postgres /var/run/postgresql
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    password=$(mktemp)
    chown postgres "$password"
    printf '%s' "${POSTGRES_PASSWORD:?}" >"$password"
    as_postgres initdb --username="$POSTGRES_USER" --pwfile="$password" --auth-local=trust --auth-host=scram-sha-256
    rm "$password"
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
    as_postgres pg_ctl --wait --options="-c listen_addresses=''" start
    [ "$POSTGRES_DB" = postgres ] || as_postgres createdb --username="$POSTGRES_USER" "$POSTGRES_DB"
    as_postgres pg_ctl --wait stop
fi
exec setpriv --reuid=postgres --regid=postgres --init-groups "$@"
