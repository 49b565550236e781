"""A small web for the tests: sites under names, behind one server, that know whom they talk to.

Sessions reach it as a proxy, so each site has its own name and its own cookies.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from requests import PreparedRequest, Response
from requests_cache import BaseCache, CachedSession
from requests_cache.testing.origin import Answer, Origin
from requests_cache.testing.origin import Request as Asked

serial = itertools.count(1_000_000_001)


class Call:
    """What a site sees of a request."""

    def __init__(self, method: str, url: str, headers: dict[str, str], body: bytes) -> None:
        parts = urlsplit(url)
        self.method, self.path, self.host = method, parts.path, parts.netloc
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.data = dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True))
        crumbs = self.headers.get("cookie", "").split("; ")
        self.cookies = dict(crumb.partition("=")[::2] for crumb in crumbs if crumb)
        self.bearer = self.headers.get("authorization")


class Says:
    """What a site says."""

    def __init__(
        self,
        text: str = "",
        status: int = 200,
        new: dict[str, str | None] | None = None,
        who: str | None = None,
        to: str | None = None,
        **fields: str,
    ) -> None:
        self.text, self.status, self.who, self.to = text, status, who, to
        self.new, self.fields = new or {}, fields

    def answer(self) -> Answer:
        headers = [(name.replace("_", "-"), value) for name, value in self.fields.items()]
        headers += [("Content-Type", "text/html"), ("X-Whom", self.who or "nobody")]
        for name, value in self.new.items():
            gone = "; Max-Age=0" if value is None else ""
            headers.append(("Set-Cookie", f"{name}={value or ''}; Path=/{gone}"))
        if self.to:
            headers.append(("Location", f"http://{self.to}"))
        if not any(name.lower() == "cache-control" for name, _ in headers):
            headers.append(("Cache-Control", "max-age=600"))
        status = 302 if self.to else self.status
        return Answer(self.text.encode(), tuple(headers), status)


class Site:
    """A site; `who` tells whom it takes a caller for, without changing anything."""

    def who(self, call: Call) -> str | None:
        raise NotImplementedError

    def says(self, call: Call) -> Says:
        raise NotImplementedError


class Web(Origin):
    """The server of all sites."""

    def __init__(self, **sites: Site) -> None:
        super().__init__()
        self.sites = sites
        self.asked = 0
        self.meanwhile: Callable[[], object] | None = None
        """Is done between asking and answering, once."""

    def answer(self, request: Asked) -> Answer:
        call = Call(request.method, self._url_of(request), request.headers, request.body)
        self.asked += 1
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is None:
            return self.sites[call.host].says(call).answer()
        says = self.sites[call.host].says(call)
        meanwhile()
        return says.answer()

    @staticmethod
    def _url_of(request: Asked) -> str:
        host = request.headers["host"]
        query = "&".join(f"{name}={value}" for name, value in request.query.items())
        return f"http://{host}{request.path}?{query}"

    def whom(self, request: PreparedRequest) -> str:
        """Give whom a site would take the caller of a request for, now."""
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        assert isinstance(body, bytes)
        headers = {name: str(value) for name, value in request.headers.items()}
        call = Call(request.method or "", request.url or "", headers, body)
        return self.sites[call.host].who(call) or "nobody"

    def check(self, response: Response) -> None:
        """See that nobody is given what is somebody else's."""
        for answer in (*response.history, response):
            if getattr(answer, "from_cache", False):
                assert answer.headers["X-Whom"] == self.whom(answer.request), answer.url


class Visitor:
    """A session that looks at each answer that it is given."""

    def __init__(
        self, web: Web, cache: BaseCache, *, one_call: bool = False, **options: Any
    ) -> None:
        self.web = web
        self.session = CachedSession(backend=cache, autoclose=False, **options)
        self.session.is_for_one_call = one_call
        self.session.proxies = {"http": web.url("")}
        self.session.trust_env = False

    def ask(self, method: str, url: str, **options: Any) -> Any:
        response: Any = self.session.request(method, f"http://{url}", **options)
        self.web.check(response)
        return response

    def get(self, url: str, bearer: str | None = None, **options: Any) -> Any:
        if bearer:
            options["headers"] = {"Authorization": f"Bearer {bearer}", **options.get("headers", {})}
        return self.ask("GET", url, **options)

    def post(self, url: str, **options: Any) -> Any:
        return self.ask("POST", url, **options)

    def hits(self, urls: list[str], **options: Any) -> int:
        """Ask for all of these; count the hits."""
        return sum(self.get(url, **options).from_cache for url in urls)

    def put(self, host: str, name: str, value: str) -> None:
        """Set a cookie by the program."""
        self.session.cookies.set(name, value, domain=host, path="/")
