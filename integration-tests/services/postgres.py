"""PostgreSQL, without a password."""

from __future__ import annotations

from collections.abc import Sequence

from .service import PROBE_SECONDS, Service

# The same for Debian's packages and for the published image: make the data on the first start, let
# everybody in (the port is open to this machine alone), and serve as a user that is not root.
_SERVE = """
PATH="$PATH:$(echo /usr/lib/postgresql/*/bin)"; export PGDATA=/tmp/data
run="setpriv --reuid=postgres --regid=postgres --clear-groups"
if [ ! -f $PGDATA/PG_VERSION ]; then
  install -d -o postgres -g postgres $PGDATA /var/run/postgresql
  $run initdb --username=postgres --auth=trust >/dev/null
  echo "host all all all trust" >>$PGDATA/pg_hba.conf
fi
exec $run postgres -p {port} -c listen_addresses='*' -c fsync=off
"""


class PostgresService(Service):
    """A PostgreSQL server that lets everybody in."""

    name = "postgres"
    variable = "REQUESTS_CACHE_TEST_POSTGRES"
    example = "postgresql://postgres@127.0.0.1:5432"
    image = "postgres"
    scheme = "postgresql"

    @classmethod
    def command(cls, ports: Sequence[int]) -> list[str]:
        return ["sh", "-c", _SERVE.format(port=ports[0])]

    @property
    def url(self) -> str:
        password = f":{self.password}" if self.password else ""
        login = f"{self.username or 'postgres'}{password}"
        return f"postgresql://{login}@{self.host}:{self.port}/postgres"

    def probe(self) -> None:
        import psycopg

        with psycopg.connect(self.url, connect_timeout=int(PROBE_SECONDS) or 1) as connection:
            connection.execute("SELECT 1")
