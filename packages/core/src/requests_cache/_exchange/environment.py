"""What the environment adds to a request, proxies and a CA bundle: looked for as late as possible.

For each request requests looks four times through all variables for proxies, which takes longer
than all that a cache does for a miss. A hit needs nothing of it. A miss needs it only if a variable
names a proxy, and that need not be found out anew as long as the variables stay the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from os import environ
from typing import Any, Final
from urllib.request import getproxies, getproxies_environment

from requests import Session
from requests.sessions import merge_setting

OriginalSession = Session
"""That of requests, whatever is installed in its place by now."""
Merge = Callable[[Any, Any, Any, Any, Any], Any]
"""`Session.merge_environment_settings` of a session."""

_MERGE_OF_REQUESTS: Final = Session.merge_environment_settings
# On other systems proxies come from the system's settings too, which change without our seeing it.
_VARIABLES_ARE_ALL: Final = getproxies is getproxies_environment

# The variables when they were last looked through, whether none of them names a proxy, and the CA
# bundle that they name.
_last_look: tuple[object, bool, str | None] = (None, False, None)


class Deferred(Mapping[str, str]):
    """Proxies that are looked for when somebody asks for them."""

    def __init__(self, find: Callable[[], Mapping[str, Any]]) -> None:
        self._find = find
        self._found: Mapping[str, Any] | None = None

    @property
    def settings(self) -> Mapping[str, Any]:
        """Proxies, verify, cert and stream, as the environment has them."""
        if self._found is None:
            self._found = self._find()
        return self._found

    def __getitem__(self, name: str) -> str:
        return str(self.settings["proxies"][name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.settings["proxies"])

    def __len__(self) -> int:
        return len(self.settings["proxies"])

    def copy(self) -> dict[str, str]:
        """Give them as requests would have found them at once."""
        return dict(self)


def put_off(
    merge: Merge, session: Session, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
) -> dict[str, Any]:
    """Give the arguments of `Session.send`, without having looked at the environment.

    `verify` is part of the key, so it is given as it is here; the environment may have another say
    in what is sent.
    """
    find = partial(find_proxies, merge, session, url, proxies, stream, verify, cert)
    return {
        "proxies": Deferred(find),
        "stream": session.stream if stream is None else stream,
        "verify": session.verify is not False if verify is None else verify,
        "cert": session.cert if cert is None else cert,
    }


def resolve(send_kwargs: dict[str, Any]) -> dict[str, Any]:
    """Give the arguments of `Session.send` with what was put off."""
    deferred = send_kwargs.get("proxies")
    if not isinstance(deferred, Deferred):
        return send_kwargs
    return {**send_kwargs, **deferred.settings}


def find_proxies(
    merge: Merge, session: Session, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
) -> Mapping[str, Any]:
    """Merge the environment into the arguments of a request, as requests does."""
    names_no_proxy, bundle = _look_around()
    if not merges_as_requests(merge) or not names_no_proxy:
        found: Mapping[str, Any] = merge(url, proxies, stream, verify, cert)
        return found
    if session.trust_env and (verify is True or verify is None):
        verify = bundle or verify
    return {
        "proxies": merge_setting(proxies, session.proxies) if proxies or session.proxies else {},
        "stream": merge_setting(stream, session.stream),
        "verify": merge_setting(verify, session.verify),
        "cert": merge_setting(cert, session.cert),
    }


def merges_as_requests(merge: Merge) -> bool:
    """Say whether a bound `merge_environment_settings` is that of requests itself."""
    return getattr(merge, "__func__", None) is _MERGE_OF_REQUESTS


def _look_around() -> tuple[bool, str | None]:
    """Say whether requests would find no proxy in the environment, and give the CA bundle there."""
    global _last_look  # noqa: PLW0603  # a process has one environment
    # Two dictionaries are compared; environ itself decodes every name and value that it gives.
    variables: dict[bytes, bytes] | None = getattr(environ, "_data", None)
    if variables is None or not _VARIABLES_ARE_ALL:
        return False, None
    seen, named_none, bundle = _last_look
    if variables != seen:
        named_none = not any(name.lower().endswith("_proxy") for name in environ)
        bundle = environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE")
        _last_look = dict(variables), named_none, bundle
    return named_none, bundle
