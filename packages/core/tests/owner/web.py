"""A small web for the tests: sites under names, behind one server, that know whom they talk to.

Sessions reach it as a proxy, so each site has its own name and its own cookies.
"""

from __future__ import annotations

import itertools
import json
import socket
from base64 import b64decode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from requests import PreparedRequest, Request, Response
from requests.adapters import HTTPAdapter
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
        self.body = body.decode("latin-1")
        self.data = _data(body, self.headers.get("content-type", ""))
        crumbs = self.headers.get("cookie", "").split("; ")
        self.cookies = dict(crumb.partition("=")[::2] for crumb in crumbs if crumb)
        self.user = _user(self.headers.get("authorization"))
        """Whom the field `Authorization` names."""


def _user(said: str | None) -> str | None:
    scheme, _, told = (said or "").partition(" ")
    return b64decode(told).decode().partition(":")[0] if scheme == "Basic" else told or None


def _data(body: bytes, content_type: str) -> dict[str, str]:
    if "json" in content_type:
        found: dict[str, str] = json.loads(body)
        return found
    return dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True))


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
            secure = "; Secure" if name.startswith("secure") else ""
            headers.append(("Set-Cookie", f"{name}={value or ''}; Path=/{gone}{secure}"))
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
        self.issued: set[str] = set()
        """Values of all cookies that were set."""
        self.meanwhile: Callable[[], object] | None = None
        """Is done between asking and answering, once."""
        self.says_first = True
        """Whether what is said has been settled before that."""

    def answer(self, request: Asked) -> Answer:
        call = Call(request.method, self._url_of(request), request.headers, request.body)
        self.asked += 1
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None and not self.says_first:
            meanwhile()
        says = self.sites[call.host].says(call)
        if meanwhile is not None and self.says_first:
            meanwhile()
        self.issued.update(value for value in says.new.values() if value)
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
                self.check_whom(answer, answer.request)

    def check_whom(self, answer: Response, request: PreparedRequest) -> None:
        """See that a site would take who sends a request for him whom the answer was made for."""
        assert answer.headers["X-Whom"] == self.whom(request), answer.url


class QuickAdapter(HTTPAdapter):
    """Sends a body at once, for urllib3 lets it wait for proxies."""

    def proxy_manager_for(self, proxy: Any, **options: Any) -> Any:
        quick = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return super().proxy_manager_for(proxy, socket_options=[quick], **options)


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
        self.session.mount("http://", QuickAdapter())

    def ask(self, method: str, url: str, **options: Any) -> Any:
        verb = getattr(self.session, method.lower(), None)
        send = verb or (lambda url, **more: self.session.request(method, url, **more))
        response: Any = send(f"http://{url}", **options)
        self.web.check(response)
        if response.from_cache and not response.history:
            self.web.check_whom(response, self._own(method, url, options))
        return response

    def _own(self, method: str, url: str, options: dict[str, Any]) -> PreparedRequest:
        """Give the request of a hit, as the caller would send it."""
        taken = ("headers", "params", "data", "json", "files", "auth", "cookies")
        mine = {name: options[name] for name in taken if name in options}
        return self.session.prepare_request(Request(method, f"http://{url}", **mine))

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
