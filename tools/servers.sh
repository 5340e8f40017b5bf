#!/usr/bin/env bash
# Start the servers that the storage tests need, installing what is missing: PostgreSQL on port 5432
# (user root, database test, no password), MariaDB on 3306 (root, empty password, database test) and
# Redis on 6379. A server that answers already is left alone.
set -euo pipefail

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

wait_for() {
  for _ in $(seq 100); do
    listens "$1" && return 0
    sleep 0.2
  done
  echo "no server came up on port $1" >&2
  return 1
}

has() { command -v "$1" >/dev/null 2>&1; }

missing=()
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
has mariadbd || [ -x /usr/sbin/mariadbd ] || missing+=(mariadb-server)
has redis-server || missing+=(redis-server)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
fi

if ! listens 5432; then
  cluster=$(ls /etc/postgresql)
  # Tests come from this machine only, as any user of the database.
  sed -i 's/\(127.0.0.1\/32\s*\)scram-sha-256/\1trust/' "/etc/postgresql/$cluster/main/pg_hba.conf"
  pg_ctlcluster --skip-systemctl-redirect "$cluster" main start
  wait_for 5432
  su postgres -c "psql -qc 'CREATE ROLE root SUPERUSER LOGIN'" 2>/dev/null || true
  su postgres -c "psql -qc 'CREATE DATABASE test OWNER root'" 2>/dev/null || true
fi

if ! listens 3306; then
  mkdir -p /run/mysqld && chown mysql: /run/mysqld
  start-stop-daemon --start --oknodo --background --exec /usr/sbin/mariadbd -- --user=mysql
  wait_for 3306
  mariadb -e "CREATE DATABASE IF NOT EXISTS test;
    ALTER USER root@localhost IDENTIFIED VIA mysql_native_password USING PASSWORD('');"
fi

listens 6379 || redis-server --daemonize yes --bind 127.0.0.1 --port 6379 --save "" >/dev/null
wait_for 6379
echo "PostgreSQL, MariaDB and Redis answer."
