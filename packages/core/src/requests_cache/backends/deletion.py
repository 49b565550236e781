"""Removing responses from a cache, and changing when they expire."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from requests import Request

from .. import clock
from .._store.entry import NOTE_PREFIX, Entry
from ..errors import ConfigurationError, RecordError
from ..expiration import (
    VALIDATION_GRACE,
    ExpirationTime,
    absolute_expiration,
    end_of_keeping,
    relative_seconds,
)
from ..models.response import CachedResponse
from .listing import Listing, watch

if TYPE_CHECKING:
    from typing import Unpack

    from requests import PreparedRequest

    from ..models.response import CachedResponse
    from ..serializers import Serializer
    from .selection import Criteria
    from .views import Progress

logger: logging.Logger = logging.getLogger("requests_cache")

# Looking for redirects takes about as long as storing a response.
_PRUNE_EVERY = 16


class Deletion(Listing):
    """The verbs of a cache that remove and re-date."""

    _evictions: int = 0
    _redirects_kept: int = 0

    def delete(
        self,
        *keys: str,
        expired: bool = False,
        invalid: bool = False,
        older_than: float | timedelta | None = None,
        requests: Request | PreparedRequest | Iterable[Request | PreparedRequest] | None = None,
        urls: str | Iterable[str] | None = None,
        verify: bool | None = None,
        progress: Progress | bool | None = None,
        **criteria: Unpack[Criteria],
    ) -> None:
        """Delete responses or redirects, and the redirects that lead to what was deleted.

        Without `criteria` all is deleted that one argument or another names. With them only what
        is so is deleted, and of that, with `expired` or `older_than`, what these name.

        Args:
            keys: keys of responses or redirects; missing ones are no error.
            expired: delete the responses that have expired.
            invalid: delete what cannot be read.
            older_than: delete the responses received longer ago (seconds or timedelta).
            requests: delete the responses of these requests, or of this one.
            urls: delete the responses of a GET of these URLs, or of this one.
            verify: of requests and URLs, only what was fetched with verified certificates, or only
                what was not; None for both.
            progress: with what looks at each response told how many have been looked at, and of
                how many; True for a bar, by tqdm where that is installed.
            criteria: what a response has to be: `host`, `match`, `method`, `status`,
                `content_type`, `larger_than`, `smaller_than`, `newer_than`, `key_prefix`; see
                `requests_cache.backends.selection.Criteria`. One that is None is none at all.

        Raises:
            ConfigurationError: an argument is of a wrong type.
        """
        # Imported for who asks; what is wrong is said before anything is deleted.
        from .selection import is_choosing

        self._check(expired=expired, invalid=invalid, verify=verify, progress=progress)
        chooses = is_choosing(criteria)
        chosen = self._listed("keys", keys)
        asked = [*self._listed("requests", requests), *self._gets(urls)]
        chosen += [key for request in asked for key in self.keys_of(request, verify)]
        if chooses:
            found = self.select(False, not expired, True, older_than, criteria, progress=progress)
            chosen += [each.cache_key or "" for each in found]
            expired, older_than = False, None
        if invalid or older_than is not None:
            chosen += self._keys_of(invalid, older_than, progress)
        chosen += self.siblings_of(chosen)
        swept = self.responses.delete_expired(clock.now()) if expired else 0
        if chosen:
            self.responses.bulk_delete(chosen)
            self.redirects.bulk_delete(chosen)
        if chosen or swept or invalid:
            self._prune_redirects(None if swept else frozenset(chosen), invalid)

    def _gets(self, urls: str | Iterable[str] | None, method: str = "GET") -> list[Request]:
        self._check(method=method)
        return [Request(method, url) for url in self._listed("urls", urls)]

    def delete_responses(self, keys: Iterable[str]) -> None:
        """Delete responses under these very keys; redirects to them stay, and lead nowhere."""
        self.responses.bulk_delete(self._listed("keys", keys))

    def note_evicted(self, keys: list[str]) -> None:
        """Count what a store deleted to stay within its bounds, and delete redirects to it.

        Args:
            keys: keys of responses; none if no response is left that could go.
        """
        self.stats.add("evicted", len(keys))
        if keys and self.events.is_heard():
            from ..events import Event

            for key in keys:
                self.events.tell(Event("evicted", key=key, reason="bounds"))
        self._evictions += len(keys)
        # A redirect that leads nowhere is a miss, so it can wait until it pays to look for them.
        if not keys or self._evictions >= max(self._redirects_kept, _PRUNE_EVERY):
            self._evictions = 0
            self._redirects_kept = self._prune_redirects(None, False)

    def siblings_of(self, keys: Iterable[str]) -> list[str]:
        """Give the keys of the variants that belong to the responses of these keys."""
        return [
            str(sibling)
            for _, response in self.open_responses(keys)
            for sibling in response.record.fields.get("siblings", ())
        ]

    def _keys_of(
        self,
        invalid: bool,
        older_than: float | timedelta | None,
        progress: Progress | bool | None,
    ) -> list[str]:
        latest = None
        if older_than is not None:
            latest = clock.now() - relative_seconds(older_than, "older_than")
        chosen = []
        found = self.entries(bodies=invalid)
        for key, entry in watch(found, self.responses, progress):
            response = self._load(key, entry, bodies=invalid)
            if response is None:
                chosen += [key] if invalid else []
            elif latest is not None and response.record.created < latest:
                chosen.append(key)
        return chosen

    def _prune_redirects(self, deleted: frozenset[str] | None, invalid: bool) -> int:
        """Delete the redirects to what was deleted, or, with None, to what is not there.

        Returns how many redirects are left.

        Args:
            deleted: keys of what was deleted.
            invalid: delete the redirects that cannot be read, too.
        """
        targets = {key: self._targets(key, alias) for key, alias in self.aliases()}
        if not targets:
            return 0
        gone: frozenset[str | None] = frozenset(deleted or ())
        if deleted is None:
            gone = frozenset[str | None]().union(*targets.values()).difference(self.responses)
        gone = gone | {None} if invalid else gone - {None}
        lost = [key for key, found in targets.items() if found and found <= gone]
        self.redirects.bulk_delete(lost)
        return len(targets) - len(lost)

    def _targets(self, key: str, alias: Entry) -> frozenset[str | None]:
        """Give the keys that a redirect leads to (None if it cannot be read), or a note lists."""
        if not key.startswith(NOTE_PREFIX):
            return frozenset({self._target(key, alias)})
        listed = self.read_note(key.removeprefix(NOTE_PREFIX))
        return frozenset(listed if isinstance(listed, dict | list) else ())

    def bulk_delete(self, keys: Iterable[str]) -> None:
        """Delete many responses or redirects, and the redirects that lead to them."""
        self.delete(*self._listed("keys", keys))

    def delete_url(self, url: str, method: str = "GET", **options: Any) -> None:
        """Delete the response of a GET, or another method, of `url`, and its redirects.

        Args:
            url: the URL.
            method: the method.
            options: further arguments of `requests.Request`.
        """
        self._check(url=url, method=method)
        self.delete(requests=Request(method, url, **options))

    def delete_urls(self, urls: Iterable[str], method: str = "GET") -> None:
        """Delete the responses of GETs, or another method, of these URLs, and their redirects."""
        self.delete(requests=self._gets(urls, method))

    def remove_expired_responses(self, expire_after: ExpirationTime = None) -> None:
        """Delete what has expired and what cannot be read.

        Args:
            expire_after: first give every response this lifetime, counted from now.
        """
        if expire_after is not None:
            self.reset_expiration(expire_after)
        self.delete(expired=True, invalid=True)

    def remove_old_entries(self, *args: Any, **kwargs: Any) -> None:
        """Do what `remove_expired_responses` does; the name of versions before 0.7."""
        warnings.warn(
            "remove_old_entries() is now remove_expired_responses()",
            DeprecationWarning,
            stacklevel=2,
        )
        self.remove_expired_responses(*args, **kwargs)

    def reset_expiration(
        self,
        expire_after: ExpirationTime = None,
        *,
        progress: Progress | bool | None = None,
    ) -> None:
        """Give every response a new lifetime, counted from now; None for never.

        A response is kept for as long after it has expired as before: until then it may be
        validated, or served when its origin fails.

        Args:
            expire_after: the lifetime.
            progress: told how many responses are done, and of how many; True for a bar.
        """
        expires = absolute_expiration(expire_after, clock.now())
        alone = self.serializer.heads_alone
        # None of what is kept for ever; else when the last one goes.
        latest = None if expires is None else end_of_keeping(expires, VALIDATION_GRACE)
        found = self.entries(bodies=not alone)
        for key, entry in watch(found, self.responses, progress):
            response = self._load(key, entry, bodies=not alone)
            if response is not None:
                response.set_expiration(expires)
                until = _kept_until(entry, expires)
                latest = None if latest is None or until is None else max(latest, until)
                changed = Entry(*self.serializer.encode(response), expires, until)
                if alone:
                    self.responses.rewrite_head(key, changed)
                else:
                    self.responses.write(key, changed)
        for key, alias in self.aliases(bodies=True):
            # They go by themselves when the response would have gone, which was before this.
            if alias.keep_until is not None:
                until = None if latest is None else max(latest, alias.keep_until)
                self.redirects.write(key, alias._replace(keep_until=until))

    def recreate_keys(self) -> int:
        """Give each response the key that its request has now, after a change of the matching.

        One that belongs to somebody stays as it is, for what said so is not stored; so does a
        variant. Nothing but the key tells that a response was fetched without verifying
        certificates: where there are such, delete them first (`delete(urls=..., verify=False)`).

        Returns how many stay as they are for one of these reasons.
        """
        kept = 0
        moved: dict[str, str] = {}
        variants = set(self.siblings_of(list(self.responses)))
        for key, response in list(self.read_responses(list(self.responses))):
            names = self.keys_of(response.request)
            if key == names[0]:
                continue
            if key in names or key in variants or _is_somebodys(response):
                kept += 1
                continue
            self.write_response(names[0], response)
            self.delete_responses([key])
            moved[key] = names[0]
        self._redirect(moved)
        logger.info("%r: %d keys are new, %d stay as they are", self, len(moved), kept)
        return kept

    def _redirect(self, moved: dict[str, str]) -> None:
        serializer = self.redirects.serializer
        for key, alias in self.redirects.scan(bodies=True):
            if key.startswith(NOTE_PREFIX):
                continue
            target = serializer.decode(alias.head, b"")
            if target in moved:
                history: Any = serializer.loads(alias.body) if alias.body else None
                self.write_redirect(key, moved[str(target)], history, alias.keep_until)

    def update(self, other: Deletion, *, progress: Progress | bool | None = None) -> None:
        """Copy everything from another cache, of whatever backend.

        Args:
            other: the other cache.
            progress: told how many responses are copied, and of how many; True for a bar.

        Raises:
            ConfigurationError: the other one is no cache.
        """
        if not isinstance(other, Deletion):
            raise ConfigurationError(f"other={other!r:.100}: give a cache, such as session.cache")
        found: Iterable[tuple[str, CachedResponse]]
        if self.streams and other.streams:
            found = other.open_responses(other.responses)
        else:
            found = ((each.cache_key or "", each) for each in other.filter())
        for key, response in watch(found, other.responses, progress):
            self.write_response(key, response)
        for key, entry in other.aliases(bodies=True):
            with suppress(RecordError):  # what could not be read there is of no use here
                self._copy_redirect(key, entry, other.redirects.serializer)

    def _copy_redirect(self, key: str, entry: Entry, written_by: Serializer) -> None:
        """Store a redirect or a note of a cache that may have another serializer."""
        if key.startswith(NOTE_PREFIX):
            note = written_by.decode(entry.head, entry.body)
            self.write_note(key.removeprefix(NOTE_PREFIX), note)
            return
        target = written_by.decode(entry.head, b"")
        history: Any = written_by.loads(entry.body) if entry.body else None
        self.write_redirect(key, str(target), history, entry.keep_until)


def _kept_until(entry: Entry, expires: float | None) -> float | None:
    """Give until when a response is kept that expires at another time now."""
    grace: float | None = VALIDATION_GRACE
    if entry.expires is not None:
        grace = None if entry.keep_until is None else entry.keep_until - entry.expires
    return end_of_keeping(expires, grace)


def _is_somebodys(response: CachedResponse) -> bool:
    """Say whether the request had something secret, of which the key knows and nothing else."""
    fields = response.record.fields["request"]
    return "REDACTED" in repr(fields) or response.request.headers.keys() & {"Cookie"} != set()
