"""Which requests are the same to a cache: its options of matching, and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from requests import PreparedRequest, Request

from .._matching.keys import Matching
from ..option_types import OF_CACHES, check_options
from ..options import as_written

if TYPE_CHECKING:
    from ..serializers import Serializer

# Attributes of a cache that are options of `match`; the second is a name of version 0.7.
_COMPARED = {
    "ignored_parameters": "ignored_parameters",
    "include_get_headers": "match_headers",
    "match_headers": "match_headers",
    "match_credentials": "match_credentials",
    "key_fn": "key_fn",
}

_OF_REQUEST = frozenset(
    ("method", "url", "headers", "files", "data", "params", "auth", "cookies", "json")
)


class Matched:
    """Finds the key of a request."""

    matching: Matching
    serializer: Serializer

    _comparing: dict[str, Any]
    _made_with: tuple[tuple[Any, ...], dict[str, Any]]

    if not TYPE_CHECKING:  # else every name could be read and assigned

        def __setattr__(self, name: str, value: object) -> None:
            """Change an option of matching, or an attribute."""
            if name in _COMPARED:
                with as_written({_COMPARED[name]: name}):
                    self.match(**{_COMPARED[name]: value})
            else:
                object.__setattr__(self, name, value)

        def __getattr__(self, name: str) -> Any:
            """Give an option of matching as an attribute; it may be set, too."""
            if name in _COMPARED and "_comparing" in vars(self):
                return self.compared(_COMPARED[name])
            from .._earlier.members import missing

            raise missing(type(self), name)

    @staticmethod
    def _check(**arguments: object) -> None:
        """Refuse what is of a wrong type; see `arguments`, which few processes need."""
        from .arguments import check_arguments

        check_arguments(**arguments)

    @staticmethod
    def _listed(name: str, value: Any) -> list[Any]:
        """Give one value or several as a list; likewise."""
        from .arguments import listed

        return listed(name, value)

    def match(self, **options: Any) -> None:
        """Change how requests are compared; what is not named here stays as it was.

        Args:
            options: `ignored_parameters`, `match_headers`, `match_credentials`, `key_fn`.
        """
        check_options(options, OF_CACHES)
        self._comparing.update(options)
        exact = self.matching.exact_query
        self.matching = Matching(**self._comparing, exact_query=exact)
        args, kwargs = self._made_with
        self._made_with = args, {**kwargs, **options}

    def compared(self, name: str) -> Any:
        """Give an option of `match`; names as a list, and a change of the list counts as well."""
        value = self._comparing[name]
        if name not in ("ignored_parameters", "match_headers") or isinstance(value, bool):
            return value
        from .._earlier.matching import WatchedNames

        names = (value,) if isinstance(value, str) else value or ()
        return WatchedNames(names, lambda changed: self.match(**{name: changed}))

    def create_key(self, request: Any = None, **kwargs: Any) -> str:
        """Give the key of a request, prepared or not; without one, `kwargs` are those of Request.

        `verify` and `cert` may be given too; other arguments are handed to `key_fn`.

        Raises:
            UncacheableBodyError: the body is a stream that cannot be read twice.
            ConfigurationError: this is no request.
        """
        if request is None:
            of_request = {name: kwargs.pop(name) for name in list(kwargs) if name in _OF_REQUEST}
            request = Request(**{"method": "GET", **of_request})
        if isinstance(request, Request):
            request = request.prepare()
        elif not isinstance(request, PreparedRequest):
            self._check(request=request)
        if self.matching.key_fn is not None:
            from .._earlier.matching import call_key_fn

            arguments = {
                "ignored_parameters": self.compared("ignored_parameters"),
                "match_headers": self.compared("match_headers"),
                "serializer": self.serializer,
                **kwargs,
            }
            # A store cannot look for text that is not UTF-8, such as half of a surrogate pair.
            made = call_key_fn(self.matching.key_fn, request, arguments)
            return made.encode("utf-8", "backslashreplace").decode()
        return self.matching.create_key(
            request, verify=kwargs.get("verify", True), cert=kwargs.get("cert")
        )

    def keys_of(self, request: Request | PreparedRequest, verify: bool | None = None) -> list[str]:
        """Give the keys that a request may have: with verified certificates, and without."""
        ways = (True, False) if verify is None else (verify,)
        return list(dict.fromkeys(self.create_key(request, verify=way) for way in ways))
