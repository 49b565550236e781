"""One visitor in a process of his own: fetches a login form, sends it, looks at his account."""

from __future__ import annotations

import json
import sys
from typing import Any

from requests_cache import CachedSession


def main() -> None:
    backend, name, more, options, proxy, user = json.load(sys.stdin)
    with CachedSession(name, backend, **more, **options) as session:
        session.proxies, session.trust_env = {"http": proxy}, False
        done = [log_in(session, f"http://{host}", user) for host in ("csrf.test", "session.test")]
        sys.stdout.write(json.dumps(done))


def log_in(session: CachedSession, site: str, user: str) -> tuple[int, str, bool]:
    session.get(f"{site}/")
    session.get(f"{site}/login")
    page: Any = session.get(f"{site}/login")
    token = page.text.partition('value="')[2].partition('"')[0]
    entered = session.post(f"{site}/login", data={"user": user, "token": token})
    whom = session.get(f"{site}/x").headers["X-Whom"]
    return entered.status_code, whom, page.from_cache


if __name__ == "__main__":
    main()
