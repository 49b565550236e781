"""The body of a response that urllib3 did not make, which tells what is read from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .watch import Watch

__all__ = ["WatchedFile"]

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
        """Be taken for the file."""
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
        """Set an attribute of the file."""
        if name in _OWN:
            object.__setattr__(self, name, value)
        else:
            setattr(self._file, name, value)

    def __repr__(self) -> str:
        """Show the file."""
        return repr(self._file)

    def __enter__(self) -> Any:
        """Enter the file."""
        entered = self._file.__enter__()
        return self if entered is self._file else entered

    def __exit__(self, *error: object) -> Any:
        """Leave the file."""
        self._give_up()
        return self._file.__exit__(*error)

    def __iter__(self) -> Iterator[bytes]:
        """Iterate over the lines."""
        return self._pieces(iter(self._file))

    def __next__(self) -> bytes:
        """Give the next line."""
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
