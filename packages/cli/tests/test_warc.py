"""Web archives: what others read of ours, and what we read of theirs."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path
from typing import Any

import pytest
from program import Run
from requests_cache import BaseCache, CachedSession
from requests_cache.cli.verbs.transfer import export_command
from requests_cache.cli.warc import import_warc
from requests_cache.errors import NotInstalledError, RecordError
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter


def fail(url: str, why: str) -> None:
    pytest.fail(f"{url}: {why}")


DATE = {"WARC-Date": "2026-11-28T12:00:00Z"}


def test_other_programs_read_the_archive(run: Run, filled: str, tmp_path: Path) -> None:
    assert run("export", filled, "-o", "cache.warc.gz").status == 0
    rows = {row["url"]: row for row in run("ls", filled, "--json").json}
    seen: dict[str, Any] = {}
    with (tmp_path / "cache.warc.gz").open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            url = record.rec_headers.get_header("WARC-Target-URI")
            if record.rec_type == "response":
                seen[url] = record.http_headers.get_statuscode(), record.content_stream().read()
            elif record.rec_type == "request":
                assert url in seen
                assert record.http_headers.protocol == "GET"
    assert seen.keys() == rows.keys()
    for url, (status, body) in seen.items():
        assert status == str(rows[url]["status"])
        if url.endswith("/gzip"):
            assert body.decode().startswith("gr\u00fc\u00dfe")


def crawled(*, request_first: bool) -> bytes:
    """Give the archive of a crawler: a body compressed in chunks, and a request with secrets."""
    file = io.BytesIO()
    writer = WARCWriter(file, gzip=True)
    packed = gzip.compress(b"hello")
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    coding = [("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")]
    answered = StatusAndHeaders("200 OK", [("Content-Type", "text/plain"), *coding], "HTTP/1.1")
    asked = StatusAndHeaders(
        "GET /page HTTP/1.1", [("Authorization", "Bearer hidden")], is_http_request=True
    )
    url = "https://site.test/page?api_key=hidden"
    response = writer.create_warc_record(
        url,
        "response",
        io.BytesIO(body),
        len(body),
        http_headers=answered,
        warc_headers_dict=dict(DATE),
    )
    other = {"WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID"), **DATE}
    request = writer.create_warc_record(
        url, "request", io.BytesIO(), 0, http_headers=asked, warc_headers_dict=other
    )
    for record in (request, response) if request_first else (response, request):
        writer.write_record(record)
    writer.write_record(writer.create_warc_record("urn:x", "resource", io.BytesIO(b"no HTTP"), 7))
    return file.getvalue()


@pytest.mark.parametrize("request_first", [False, True])
def test_the_archive_of_a_crawler_is_read_with_secrets_replaced(request_first: bool) -> None:
    cache = BaseCache()
    file = io.BytesIO(crawled(request_first=request_first))
    assert import_warc(cache, file, lambda received: received + 60, fail) == 1
    (response,) = cache.filter(expired=True)
    assert (response.status_code, response.content) == (200, b"hello")
    assert response.created_at.isoformat() == "2026-11-28T12:00:00+00:00"
    assert response.request.headers["Authorization"] == "REDACTED"
    assert "hidden" not in f"{response.url} {response.request.url}"


@pytest.mark.parametrize(
    "data", [b"text", b"{}", gzip.compress(b"text", mtime=0), b"\x1f\x8b\x00", b""]
)
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(RecordError, match="not a web archive"):
        import_warc(BaseCache(), io.BytesIO(data), lambda received: None, fail)


def test_a_library_that_is_missing_is_named_before_a_file_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "warcio", None)
    CachedSession(tmp_path / "cache", backend="sqlite").close()
    archive = tmp_path / "old.warc.gz"
    archive.write_bytes(b"of last year")
    options = [str(tmp_path / "cache.sqlite"), "-o", str(archive)]
    with pytest.raises(NotInstalledError, match=r"requests-cache-cli\[warc\]"):
        export_command.main(options, standalone_mode=False)
    assert archive.read_bytes() == b"of last year"
