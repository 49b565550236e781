"""A body that is watched while somebody else reads it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, Final, Self

from urllib3 import HTTPResponse
from urllib3.exceptions import DecodeError

from ..models.raw_response import BoundedDecoder, decoded_limit, make_decoder

if TYPE_CHECKING:
    from .._store.single_flight import Flight
    from .spool import Spool

UNDECODABLE: Final = "undecodable"
TOO_LARGE: Final = "decodes-too-large"
"""Why a coded body is not stored, as `cache_status.detail` says it."""

# So much of what comes out is in memory at a time.
_PIECE: Final = 64 * 1024


class Decoding:
    """Decodes a body as a hit will do, and forgets what comes out.

    Whoever reads a body may decode it, or a part of it, or hand it on as it is. A body that nobody
    could read must not be stored in any of these cases, nor one that becomes so large that a store
    that says so would not be believed.
    """

    def __init__(self, decoder: BoundedDecoder | None) -> None:
        self._decoder = decoder
        self._came = 0
        self._refusal = None if decoder else UNDECODABLE

    @classmethod
    def of(cls, coding: str) -> Self | None:
        """Make one for a `Content-Encoding`; None for codings that are left as they are."""
        try:
            decoder = make_decoder(coding)
        except DecodeError:
            return cls(None)
        return None if decoder is None else cls(BoundedDecoder(decoder, decoded_limit(0)))

    def add(self, data: bytes) -> None:
        """Decode the next bytes."""
        self._came += len(data)
        if self._decoder is not None:
            self._decoder.limit = decoded_limit(self._came)
            self._decode(self._decoder, data)

    def finish(self) -> str | None:
        """Decode what is left; give the reason if the body should not be stored."""
        if self._decoder is not None and self._came:
            self._decode(self._decoder, b"", is_end=True)
        return self._refusal if self._came else None

    def _decode(self, decoder: BoundedDecoder, data: bytes, *, is_end: bool = False) -> None:
        try:
            for _ in decoder.pieces(data, _PIECE):
                pass
            if is_end:
                decoder.flush()
        except Exception:  # noqa: BLE001  # each coding has errors of its own
            self._decoder = None
            self._refusal = TOO_LARGE if decoder.is_exhausted else UNDECODABLE


class Watch:
    """Keeps what is read of a body; it ends once, when all was read or nobody can read on.

    The `raw` that is read owns it, and it refers to no response: so a response that is dropped
    unread is freed at once, and that is an end, too.

    Args:
        spool: keeps the body.
        settle: called at the end; says whether the body was stored. Look at `spool.refusal` there.
        decoding: finds out whether the body can be decoded; None if it carries no coding.
    """

    def __init__(
        self, spool: Spool, settle: Callable[[Spool], bool], decoding: Decoding | None = None
    ) -> None:
        self._spool = spool
        self._settle: Callable[[Spool], bool] | None = settle
        self._decoding = decoding
        self._flights: list[Flight] = []
        self._is_stored = False

    @property
    def is_over(self) -> bool:
        """Say whether it has ended."""
        return self._settle is None

    def keep(self, data: bytes) -> None:
        """Keep the next piece."""
        if not data or self._settle is None:
            return
        try:
            self._spool.add(data)
            if self._decoding is not None and self._spool.refusal is None:
                self._decoding.add(data)
        except BaseException:
            self.give_up()
            raise

    def end(self) -> None:
        """Take note that the last byte was read."""
        if self._settle is not None and self._decoding is not None:
            reason = self._decoding.finish()
            if reason is not None:
                self._spool.drop(reason)
        self._finish()

    def break_off(self) -> None:
        """Take note that no more of the body comes."""
        if self._spool.keeps_beginning and self._spool.size:
            self._finish()
        self.give_up()

    def give_up(self, reason: str = "interrupted") -> None:
        """Take note that the body will not be read to its end, or cannot be followed."""
        if self._settle is not None:
            self._spool.drop(reason)
            self._finish()

    def _finish(self) -> None:
        settle, self._settle = self._settle, None
        if settle is None:
            return
        try:
            self._is_stored = settle(self._spool)
        finally:
            for flight in self._flights:
                flight.land(self._is_stored)

    def land(self, flight: Flight) -> None:
        """Land a flight at the end, which may have come."""
        if self.is_over:
            flight.land(self._is_stored)
        else:
            flight.hand_over()
            self._flights.append(flight)

    def __del__(self) -> None:
        """Give up: nobody can read a body that is forgotten."""
        self.give_up()


class WatchedResponse(HTTPResponse):
    """A response of urllib3 whose body is kept as it is read, undecoded.

    A response becomes one while it is open, and stays the very object that requests made, so it
    reads as it would without a cache: chunk by chunk, as they come. urllib3 reads from the
    connection in two places, `_raw_read` and `_handle_chunk`; a test notices if it no longer does.
    """

    watches: list[Watch]
    _is_unchunked = False

    @classmethod
    def watch(cls, raw: HTTPResponse, watch: Watch) -> None:
        """Watch a response from now on; one may be watched for several sessions."""
        if not isinstance(raw, cls):
            raw.__class__ = cls._class_for(type(raw))
            raw.watches = []  # type: ignore[attr-defined]  # it is one now
        raw.watches.append(watch)  # type: ignore[attr-defined]

    @classmethod
    def _class_for(cls, made_of: type[HTTPResponse]) -> type[HTTPResponse]:
        if made_of is HTTPResponse:
            return cls
        # Found among the subclasses, which are not kept alive by that.
        for known in made_of.__subclasses__():
            if known.__bases__ == (cls, made_of):
                return known
        return type(cls.__name__, (cls, made_of), {})

    def _raw_read(self, amt: int | None = None, **how: Any) -> bytes:
        if self.chunked and self.chunk_left:
            # urllib3 stands within a chunk, so what http.client makes of the rest may be anything.
            self._give_up()
        try:
            data = super()._raw_read(amt, **how)
            self._keep(data)
        except BaseException:
            for watch in self.watches:
                watch.break_off()
            raise
        self._is_unchunked = bool(self.chunked)
        is_over = amt != 0 and (not data or (amt is None and not how.get("read1")))
        if self.length_remaining == 0 or (self.length_remaining is None and is_over):
            self._end()
        return data

    def _handle_chunk(self, amt: int | None) -> bytes:
        data = super()._handle_chunk(amt)
        self._keep(data)
        return data

    def read_chunked(
        self, amt: int | None = None, decode_content: bool | None = None
    ) -> Generator[bytes]:
        """Read a chunk at a time."""
        if self._is_unchunked:
            # http.client stands within a chunk, so what follows may be anything.
            self._give_up()
        try:
            yield from super().read_chunked(amt, decode_content)
        except BaseException:
            self._give_up()
            raise
        if self.chunk_left == 0:
            self._end()

    def release_conn(self) -> None:
        """Give the connection back; who does so before the end reads no further."""
        if self.connection is not None and not self.isclosed():
            self._give_up()
        super().release_conn()

    def close(self) -> None:
        """Close the connection, unless the body was read to its end."""
        self._give_up()
        super().close()

    def _keep(self, data: bytes) -> None:
        for watch in self.watches:
            watch.keep(data)

    def _end(self) -> None:
        for watch in self.watches:
            watch.end()

    def _give_up(self) -> None:
        for watch in self.watches:
            watch.give_up()


_AMOUNTS: Final = ("amt", "size", "n")
_OWN: Final = frozenset({"_file", "watches", "_left", "_is_decoded_elsewhere"})


class WatchedFile:
    """Stands in the place of a `raw` that recorders, WSGI, file adapters and test doubles give.

    It has the methods that the file has, and no others: requests asks which there are. What comes
    out of `stream`, or of `read` if there is no `stream`, is the content of the response.

    Args:
        file: what is read; it needs nothing but `read`.
        length: how many bytes it has, if that is known.
        coded: whether the response says that its body is coded. Then what `read` gives may not be
            what `stream` gives, which is the content.
    """

    def __init__(self, file: Any, length: int | None, coded: bool) -> None:
        self._file = file
        self.watches: list[Watch] = []
        self._left = None if coded else length
        self._is_decoded_elsewhere = coded and hasattr(file, "stream")

    def watch(self, watch: Watch) -> None:
        """Watch it from now on; it may be watched for several sessions."""
        self.watches.append(watch)

    @property  # type: ignore[misc]  # as weakref.proxy and mocks do
    def __class__(self) -> type:
        return type(self._file)

    def __getattr__(self, name: str) -> Any:
        """Give an attribute of the file; a method that reads tells of it."""
        if name in _OWN:
            # A copy that is not made yet has none of them.
            raise AttributeError(name)
        found = getattr(self._file, name)
        if name in _READS and callable(found):
            return lambda *args, **kwargs: _READS[name](self, found, args, kwargs)
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OWN:
            object.__setattr__(self, name, value)
        else:
            setattr(self._file, name, value)

    def __repr__(self) -> str:
        return repr(self._file)

    def __enter__(self) -> Any:
        entered = self._file.__enter__()
        return self if entered is self._file else entered

    def __exit__(self, *error: object) -> Any:
        self._give_up()
        return self._file.__exit__(*error)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces(iter(self._file))

    def __next__(self) -> bytes:
        return next(self._pieces(self._file))

    def _pieces(self, pieces: Iterator[bytes], *, is_content: bool = False) -> Iterator[bytes]:
        try:
            for piece in pieces:
                self._saw(piece, is_content=is_content)
                yield piece
        except Exception:
            self._give_up()
            raise
        self._end()

    def _saw(self, data: Any, *, is_content: bool = False) -> None:
        """Keep what was read."""
        if data is None:
            return
        if not isinstance(data, bytes | bytearray | memoryview) or (
            self._is_decoded_elsewhere and not is_content
        ):
            self._give_up("not-followed")
            return
        for watch in self.watches:
            watch.keep(bytes(data))
        if self._left is not None:
            self._left -= len(data)

    def _end(self) -> None:
        if self._left is not None and self._left > 0:
            self._give_up("incomplete")
        for watch in self.watches:
            watch.end()

    def _give_up(self, reason: str = "interrupted") -> None:
        for watch in self.watches:
            if self._left == 0 and reason == "interrupted":
                # Who knows the length need not ask whether there is more.
                watch.end()
            watch.give_up(reason)


_Arguments = tuple[Any, ...]
_Options = dict[str, Any]
_Method = Callable[..., Any]


def _read(self: WatchedFile, read: _Method, args: _Arguments, options: _Options) -> Any:
    data = _guarded(self, read, args, options)
    self._saw(data)
    amount = args[0] if args else next((options[n] for n in _AMOUNTS if n in options), None)
    is_all = amount is None or (isinstance(amount, int) and amount < 0)
    if data is not None and (is_all or (amount != 0 and not data)):
        self._end()
    return data


def _read_some(self: WatchedFile, read: _Method, args: _Arguments, options: _Options) -> Any:
    data = _guarded(self, read, args, options)
    self._saw(data)
    if data is not None and not data and 0 not in args:
        self._end()
    return data


def _read_lines(self: WatchedFile, read: _Method, args: _Arguments, options: _Options) -> Any:
    lines = _guarded(self, read, args, options)
    self._saw(b"".join(lines))
    if not args and not options:
        self._end()
    return lines


def _read_into(self: WatchedFile, read: _Method, args: _Arguments, options: _Options) -> Any:
    count = _guarded(self, read, args, options)
    if count is not None:
        view = memoryview(args[0]).cast("B")
        self._saw(view[:count])
        if count == 0 and len(view):
            self._end()
    return count


def _stream(self: WatchedFile, read: _Method, args: _Arguments, options: _Options) -> Any:
    return self._pieces(iter(_guarded(self, read, args, options)), is_content=True)


def _leave(self: WatchedFile, leave: _Method, args: _Arguments, options: _Options) -> Any:
    self._give_up()
    return leave(*args, **options)


def _move(self: WatchedFile, move: _Method, args: _Arguments, options: _Options) -> Any:
    self._give_up("not-followed")
    return move(*args, **options)


def _guarded(self: WatchedFile, read: _Method, args: _Arguments, options: _Options) -> Any:
    try:
        return read(*args, **options)
    except BaseException:
        for watch in self.watches:
            watch.break_off()
        raise


_READS: Final[dict[str, Callable[[WatchedFile, _Method, _Arguments, _Options], Any]]] = {
    "close": _leave,
    "detach": _move,
    "read": _read,
    "read1": _read_some,
    "read_chunked": _stream,
    "readall": _read,
    "readinto": _read_into,
    "readinto1": _read_into,
    "readline": _read_some,
    "readlines": _read_lines,
    "release_conn": _leave,
    "seek": _move,
    "stream": _stream,
}
