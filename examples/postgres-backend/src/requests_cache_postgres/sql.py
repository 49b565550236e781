"""The tables, and every statement. A statement is one snapshot, so what it reads is one version."""

from __future__ import annotations

__all__ = ["SCHEMA", "SCHEMA_LOCK"]

SCHEMA_LOCK = 7_213_904_561
"""Processes that open the first cache of a database at the same time make the tables one by one."""

# A key is any text, which PostgreSQL's own `text` is not (it has no NUL), and of any length, which
# an index takes not: so it is kept as bytes, and found by its digest.
#
# A body is in its row, or, if it came in pieces, in rows of its own under `body`. The trigger
# deletes these with the last row that needs them, whoever deletes or replaces it.
SCHEMA = """
CREATE SEQUENCE IF NOT EXISTS requests_cache_body;
CREATE TABLE IF NOT EXISTS requests_cache_entries (
    namespace text NOT NULL,
    digest bytea NOT NULL,
    id bigserial NOT NULL,
    key bytea NOT NULL,
    head bytea NOT NULL,
    whole bytea,
    body bigint,
    size bigint NOT NULL,
    expires double precision,
    keep_until double precision,
    PRIMARY KEY (namespace, digest)
);
CREATE INDEX IF NOT EXISTS requests_cache_keep_until
    ON requests_cache_entries (namespace, keep_until) WHERE keep_until IS NOT NULL;
CREATE INDEX IF NOT EXISTS requests_cache_expires
    ON requests_cache_entries (namespace, expires) WHERE expires IS NOT NULL;
CREATE TABLE IF NOT EXISTS requests_cache_pieces (
    body bigint NOT NULL,
    number integer NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (body, number)
);
ALTER TABLE requests_cache_pieces ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS requests_cache_leases (
    namespace text NOT NULL,
    digest bytea NOT NULL,
    token text NOT NULL,
    ends timestamptz NOT NULL,
    PRIMARY KEY (namespace, digest)
);
CREATE OR REPLACE FUNCTION requests_cache_drop_body() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM requests_cache_pieces WHERE body = OLD.body;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER requests_cache_deleted AFTER DELETE ON requests_cache_entries
    FOR EACH ROW WHEN (OLD.body IS NOT NULL) EXECUTE FUNCTION requests_cache_drop_body();
CREATE OR REPLACE TRIGGER requests_cache_replaced AFTER UPDATE ON requests_cache_entries
    FOR EACH ROW WHEN (OLD.body IS DISTINCT FROM NEW.body AND OLD.body IS NOT NULL)
    EXECUTE FUNCTION requests_cache_drop_body();
"""

EXISTS = "SELECT to_regclass('requests_cache_leases') IS NOT NULL"
LOCK = "SELECT pg_advisory_xact_lock(%s)"

_BODY = """coalesce(whole, (
    SELECT string_agg(data, ''::bytea ORDER BY number) FROM requests_cache_pieces AS pieces
    WHERE pieces.body = entries.body), ''::bytea)"""
_FROM = "FROM requests_cache_entries AS entries WHERE namespace = %s"
_ONE = f"{_FROM} AND digest = %s"  # no values

READ = f"SELECT head, {_BODY}, expires, keep_until {_ONE}"
READ_MANY = f"SELECT key, head, {_BODY}, expires, keep_until {_FROM} AND digest = ANY(%s)"
SCAN = f"SELECT key, head, ''::bytea, expires, keep_until {_FROM} ORDER BY id"
OPEN = f"SELECT head, whole, expires, keep_until, body, size {_ONE}"
PIECE = "SELECT data FROM requests_cache_pieces WHERE body = %s AND number = %s"

WRITE = """
INSERT INTO requests_cache_entries
    (namespace, digest, key, head, whole, body, size, expires, keep_until)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (namespace, digest) DO UPDATE SET
    head = excluded.head, whole = excluded.whole, body = excluded.body, size = excluded.size,
    expires = excluded.expires, keep_until = excluded.keep_until"""
WRITE_PIECE = "INSERT INTO requests_cache_pieces (body, number, data) VALUES (%s, %s, %s)"
NEXT_BODY = "SELECT nextval('requests_cache_body')"
REWRITE_HEAD = """
UPDATE requests_cache_entries SET head = %s, expires = %s, keep_until = %s
WHERE namespace = %s AND digest = %s"""

KEYS = f"SELECT key {_FROM} ORDER BY id"
COUNT = f"SELECT count(*) {_FROM}"
COUNT_UNEXPIRED = f"SELECT count(*) {_FROM} AND (expires IS NULL OR expires > %s)"
CONTAINS = f"SELECT 1 {_ONE}"

DELETE = f"DELETE {_ONE}"
DELETE_MANY = f"DELETE {_FROM} AND digest = ANY(%s)"
DELETE_EXPIRED = f"DELETE {_FROM} AND expires <= %s"
DELETE_ONE_EXPIRED = f"{DELETE} AND expires <= %s"
CLEAR = f"DELETE {_FROM}"
_OVER = f"SELECT ctid {_FROM} AND keep_until <= %s LIMIT %s FOR UPDATE SKIP LOCKED"
SWEEP = f"DELETE FROM requests_cache_entries WHERE ctid = ANY(ARRAY({_OVER}))"  # noqa: S608  # values are parameters

# By the clock of the server, which is the same for all.
LEASE = """
INSERT INTO requests_cache_leases (namespace, digest, token, ends)
VALUES (%s, %s, %s, clock_timestamp() + make_interval(secs => %s))
ON CONFLICT (namespace, digest) DO UPDATE SET token = excluded.token, ends = excluded.ends
WHERE requests_cache_leases.ends <= clock_timestamp()
RETURNING token"""
RELEASE = "DELETE FROM requests_cache_leases WHERE namespace = %s AND digest = %s AND token = %s"
SWEEP_LEASES = "DELETE FROM requests_cache_leases WHERE ends <= clock_timestamp()"
