"""The default record: a small binary head, its text, and the body as raw bytes beside it.

Layout of the head, little-endian:

    magic       4 bytes   "RQC" and the version of the format
    flags       uint16    what a hit has to know without reading the text
    status      uint16    status code
    created     float64   seconds since the epoch
    expires     float64   seconds since the epoch; infinity for never
    length      uint64    length of the body in bytes
    body crc    uint32    CRC-32 of the body
    head crc    uint32    CRC-32 of all the above and of the text
    text        JSON, UTF-8: URL, header fields, request, history, ... (see `fields`)

Reading a record executes nothing and allocates in proportion to its bytes. The text is parsed when
somebody asks for it. The checksums find damage, not malice: for that there is `secret_key`.
"""

from __future__ import annotations

import json
from math import inf
from struct import Struct
from typing import TYPE_CHECKING, Final, NamedTuple, Self, TypeAlias, cast
from zlib import crc32

from .._matching.owner import as_text
from .._memos import Memo
from ..errors import BodyNotReadError, FormatMismatchError, RecordError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import BinaryIO

    from .._store.pieces import BodyWriter
    from .fields import Fields

MAGIC: Final = b"RQC"
VERSION: Final = 1
_SIGNATURE: Final = MAGIC + bytes((VERSION,))
_HEAD: Final = Struct("<4sHHddQI")
_CRC: Final = Struct("<I")
_BOTH: Final = Struct(_HEAD.format + "I")
_URL_FIRST: Final = b'{"url":"'
# What a record says has no circles, and looking for them takes a third of the time.
_encode: Final = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), check_circular=False
).encode
_decode: Final = json.JSONDecoder().decode
_HEAD_SIZE: Final = _HEAD.size
_TEXT_OFFSET: Final = _BOTH.size
_unpack: Final = _BOTH.unpack_from

# Parsing takes as long as all else that reading a head takes. At most so many.
_MOST_PARSED: Final = 512
LARGEST_PARSED: Final = 4096
"""A head of up to so many bytes is parsed once, if it is read again and again."""
_parsed: Final[Memo[bytes, Fields]] = Memo(_MOST_PARSED)


class Flag:
    """Bits of a record's flags."""

    VARY: Final = 1
    COOKIES: Final = 2
    HISTORY: Final = 4
    ENCODED: Final = 8
    """The body carries a content coding."""
    HTTP: Final = 16
    """Version 0.1 stored it by the rules of HTTP. It is read, and not written any more."""
    VALIDATOR: Final = 32
    """There is an ETag or a Last-Modified to validate with."""
    NOT_WHOLE: Final = 64
    """A part of a response, or the answer to HEAD; a policy knows what it is good for."""
    OWNED: Final = 256
    """It says whose it is; version 0.1 did not."""
    SELECTED: Final = 512
    """It was selected by the values of cookies."""
    PUT_BACK: Final = 1024
    """Something of the request was replaced, which a hit gives back to its caller."""


def write_lines(headers: Iterable[tuple[str, str | bytes]]) -> bytes:
    """Give header fields as they stand in the text of a record, if nothing is redacted."""
    told = [(as_text(name), as_text(value)) for name, value in headers]
    return _encode(told).encode("utf-8", "surrogatepass")


class Record:
    """What is remembered of a response; the text is parsed on first use."""

    __slots__ = (
        "_crc",
        "_fields",
        "body",
        "checksum",
        "created",
        "expires",
        "flags",
        "size",
        "source",
        "status",
    )

    def __init__(
        self,
        status: int,
        created: float,
        expires: float | None,
        fields: Fields,
        body: bytes,
        flags: int = 0,
    ) -> None:
        self.status: int = status
        self.created: float = created
        self.expires: float = inf if expires is None else expires
        self.flags: int = flags
        self.body: bytes = body
        self.size: int = len(body)
        self.checksum: int = 0
        """CRC-32 of the head that this was read from; 0 for a record that is made now."""
        self._crc: int | None = None
        self._fields: Fields | None = fields
        self.source: bytes = b""
        """The head whose text is this record's; empty if there is none yet."""

    def read_body(self) -> bytes:
        """Give the whole body."""
        return self.body

    @property
    def fields(self) -> Fields:
        """The text as a dictionary.

        Raises:
            RecordError: it is no JSON object, in spite of its checksum.
        """
        if self._fields is None:
            self._fields = _fields_of(self.source)
        return self._fields

    def read_fields(self) -> Fields:
        """Give `fields` to who looks at many records once: nothing is remembered for others."""
        if self._fields is None:
            self._fields = parse_text(self.source[_TEXT_OFFSET:])
        return self._fields

    @property
    def url(self) -> str:
        """The URL, without parsing the rest of the text: it comes first.

        Raises:
            RecordError: there is none.
        """
        source = self.source
        if self._fields is None and source.startswith(_URL_FIRST, _TEXT_OFFSET):
            start = _TEXT_OFFSET + len(_URL_FIRST)
            try:
                url = source[start : source.index(b'"', start)]
                if b"\\" not in url:
                    return url.decode("utf-8", "surrogatepass")
            except ValueError as error:
                raise RecordError("the record's URL is not JSON") from error
        found = self.fields.get("url")
        if not isinstance(found, str):
            raise RecordError("the record has no URL")
        return found

    @property
    def crc(self) -> int:
        """Give the checksum that the body has to have."""
        return self._crc or 0

    @property
    def identity(self) -> Identity:
        """Give what tells whether the body is one that was read before."""
        return self.size, self.crc, self.created

    def spoil(self) -> None:
        """Take note that the body, though it is what was stored, is of no use to a reader.

        Who reads it the next time finds damage, and the origin is asked.
        """
        note_spoilt(self.identity)

    def with_times(
        self, created: float, expires: float | None, fields: Fields | None = None
    ) -> Self:
        """Give a copy with other times, and other fields if these are given."""
        copy = type(self).__new__(type(self))
        copy.take_over(self)
        _BODY.__set__(copy, _BODY.__get__(self))
        if type(self) is not Record:
            for name in type(self).__slots__:
                setattr(copy, name, getattr(self, name))
        copy.created = created
        copy.expires = inf if expires is None else expires
        if fields is not None:
            copy._fields, copy.source = fields, b""
        return copy

    def take_over(self, other: Record) -> None:
        """Be what another record is, but for its body."""
        # One by one: a loop over the slots takes three times as long.
        self.status = other.status
        self.created = other.created
        self.expires = other.expires
        self.flags = other.flags
        self.size = other.size
        self.checksum = other.checksum
        self._crc = other._crc
        self._fields = other._fields
        self.source = other.source

    def dump(self) -> tuple[bytes, bytes]:
        """Give head and body as they are stored."""
        text = self.source[_TEXT_OFFSET:] or pack_text(self.fields)
        fixed = _HEAD.pack(
            _SIGNATURE,
            self.flags,
            self.status,
            self.created,
            self.expires,
            self.size,
            crc32(self.body) if self._crc is None else self._crc,
        )
        return fixed + _CRC.pack(crc32(text, crc32(fixed))) + text, self.body

    @classmethod
    def load(cls, head: bytes, body: bytes | None) -> Record:
        """Read a record; without a body only its head is checked.

        Raises:
            RecordError: damaged, of another version, or not a record at all.
        """
        if head[:4] != _SIGNATURE:
            raise _wrong_signature(head)
        try:
            _, flags, status, created, expires, length, body_crc, head_crc = _unpack(head)
        except Exception as error:  # struct.error, which would have to be imported to be named
            raise RecordError("the record's head is cut off") from error
        if crc32(head[_TEXT_OFFSET:], crc32(head[:_HEAD_SIZE])) != head_crc:
            raise RecordError("the record's head is damaged")
        if body is not None:
            check_body(body, length, body_crc, created)
        self = cls.__new__(cls)
        self.status = status
        self.created = created
        self.expires = expires
        self.flags = flags
        self.body = body if body is not None else b""
        self.size = length
        self.checksum = head_crc
        self._crc = body_crc
        self._fields = None
        self.source = head
        return self

    def with_body(self, body: bytes) -> Record:
        """Give what `load` gives of the head that this was read from, which is not checked again.

        Raises:
            RecordError: the body is damaged.
        """
        check_body(body, self.size, self._crc or 0, self.created)
        copy = Record.__new__(Record)
        # One by one: a loop over the slots would take half of what is saved.
        copy.status = self.status
        copy.created = self.created
        copy.expires = self.expires
        copy.flags = self.flags
        copy.body = body
        copy.size = self.size
        copy.checksum = self.checksum
        copy._crc = self._crc
        copy._fields = None
        copy.source = self.source
        return copy


# What a subclass has put in the place of the slot does not hide it here.
_BODY: Final = vars(Record)["body"]


class KeptRecord(Record):
    """A record that many responses share; to save memory, what is parsed is not kept with it."""

    __slots__ = ()

    @property
    def fields(self) -> Fields:
        """The text as a dictionary; see `Record.fields`."""
        return _fields_of(self.source) if self._fields is None else self._fields


class HeadRecord(Record):
    """A record that was listed: its body is stored and was not read."""

    __slots__ = ()

    @property
    def body(self) -> bytes:  # type: ignore[override]  # it is not there
        """The body, which is not here; a response without one has b"".

        Raises:
            BodyNotReadError: always, unless the stored body is empty.
        """
        if not self.size:
            return b""
        raise BodyNotReadError(
            f"the response of {self.url} was listed without its body of {self.size} bytes:"
            " read it with cache.get_response(response.cache_key)"
        )


def pack_text(fields: Mapping[str, object]) -> bytes:
    """Write fields as compact JSON; lone surrogates survive."""
    return _encode(fields).encode("utf-8", "surrogatepass")


def parse_text(text: bytes) -> Fields:
    """Read what `pack_text` wrote; what is no JSON object is a RecordError."""
    try:
        fields = _decode(text.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise RecordError("the record's text is not JSON") from error
    if not isinstance(fields, dict):
        raise RecordError("the record's text is not a JSON object")
    # `shape` looks at what is in it.
    return cast("Fields", fields)


def _fields_of(head: bytes) -> Fields:
    """Parse the text of a head; of heads that are read again and again only the first time."""
    fields = _parsed.get(head)
    if fields is None:
        fields = parse_text(head[_TEXT_OFFSET:])
        remember_fields(head, fields)
    return fields


def remember_fields(head: bytes, fields: Fields) -> None:
    """Spare the next reader of a head the parsing of its text."""
    if len(head) <= LARGEST_PARSED:
        _parsed[head] = fields


def checksum_of(head: bytes) -> int:
    """Give the checksum of a head that was written, as `Record.checksum` is that of one read."""
    return int.from_bytes(head[_HEAD_SIZE:_TEXT_OFFSET], "little")


def _wrong_signature(head: bytes) -> RecordError:
    if head[:3] == MAGIC and len(head) > 3:
        return RecordError(
            f"the record has version {head[3]}, this library reads version {VERSION}"
        )
    return FormatMismatchError(
        "not a record of the default format: open the cache with the serializer that wrote it"
    )


# Bodies that are not in memory


class Written(NamedTuple):
    """A body that was handed to a store in pieces and waits for its entry."""

    writer: BodyWriter
    size: int
    crc: int
    """CRC-32 of the whole."""


Kept: TypeAlias = "bytes | Written"
"""A body as it came over the wire, in memory or handed to a store."""


class DetachedRecord(Record):
    """A record whose body is not in memory, because it is being read or written in pieces."""

    __slots__ = ("file", "reader", "reopen", "writer")

    file: BinaryIO | None
    """What the store has opened, if the body is stored."""
    reader: BinaryIO | None
    """The body, or a part of it, as it is read from there."""
    reopen: Callable[[], BinaryIO | None] | None
    """Gives the body once more, None if the store has another one by now; None for a part."""
    writer: BodyWriter | None
    """What took the body and waits for its entry, if it is not."""

    @classmethod
    def of(cls, record: Record, file: BinaryIO) -> DetachedRecord:
        """Give a record, of which only the head was read, the body as a file."""
        self = cls.__new__(cls)
        self.take_over(record)
        self.body = record.body
        self.file = self.reader = file
        self.reopen = self.writer = None
        return self

    def attach_writer(self, written: Written) -> None:
        """Take over a body that was written in pieces."""
        self.file = self.reader = self.reopen = None
        self.writer, self.size, self._crc = written

    def cut(self, reader: BinaryIO, size: int) -> None:
        """Take a part of the body in place of the whole."""
        self.reader, self.reopen = reader, None
        self.size: int = size

    def begin_again(self) -> bool:
        """Open a body that was read to its end once more; say whether it is to be had."""
        again = None if self.reopen is None else self.reopen()
        if again is None:
            return False
        self.reader = again
        return True

    def load_body(self) -> Record:
        """Give a record with the body in memory.

        Raises:
            OSError: it cannot be read, or is damaged.
        """
        record = Record.__new__(Record)
        record.take_over(self)
        record.body = self.read_body()
        return record

    def read_body(self) -> bytes:
        """Give the whole body; who reads it goes on where he was."""
        assert self.reader is not None
        position = self.reader.tell()
        self.reader.seek(0)
        body = self.reader.read(self.size)
        self.reader.seek(position)
        return body


# Which bodies were found to be sound, and which of no use, in this process

# A body up to this size is checked at every reading; a larger one only the first time in a
# process, because the checksum of 5 MB costs more than reading them.
_ALWAYS_CHECKED: Final = 16 * 1024
_MOST_REMEMBERED: Final = 4096
Identity: TypeAlias = tuple[int, int, float]
"""Size, checksum and time of a body."""

_checked_bodies: Final[Memo[Identity, None]] = Memo(_MOST_REMEMBERED)
SPOILT_BODIES: Final[Memo[Identity, None]] = Memo(_MOST_REMEMBERED)
"""Those that were found to be of no use, in this process. They have the right checksum."""


def check_body(body: bytes, length: int, crc: int, created: float) -> None:
    """Raise RecordError for a body that is not its record's, or was found to be of no use."""
    if len(body) != length:
        raise RecordError(f"the record's body has {len(body)} bytes instead of {length}")
    if SPOILT_BODIES:
        check_usable((length, crc, created))
    is_checked_once = length > _ALWAYS_CHECKED
    if is_checked_once and (length, crc, created) in _checked_bodies:
        return
    if crc32(body) != crc:
        raise RecordError("the record's body is damaged")
    if is_checked_once:
        note_checked((length, crc, created))


def check_usable(identity: Identity) -> None:
    """Raise RecordError for a body that was of no use before, in this process."""
    if identity in SPOILT_BODIES:
        raise RecordError("the record's body was of no use before")


def note_spoilt(identity: Identity) -> None:
    """Remember that a body is of no use."""
    SPOILT_BODIES[identity] = None


def is_checked(identity: Identity) -> bool:
    """Say whether the checksum of a body was compared before, in this process."""
    return identity in _checked_bodies


def note_checked(identity: Identity) -> None:
    """Remember that a body has the right checksum."""
    _checked_bodies[identity] = None
