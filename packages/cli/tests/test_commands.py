"""Every verb, run as it is installed, on the stores that need no server."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click import Context
from program import PROGRAM, Run, fill, run_here
from requests_cache import CachedSession, init_backend
from requests_cache.cli.main import command
from requests_cache.cli.output import fail_well, written
from requests_cache.testing.origin import Origin

PATHS = ["/bytes/5000", "/gzip", "/image", "/json", "/missing", "/old"]


def paths(run: Run, *arguments: object) -> list[str]:
    """Give the paths that `ls` lists, without the target of the redirect."""
    done = run("ls", *arguments, "--urls")
    found = (re.sub(r"^http://[^/]*", "", line) for line in done.out.splitlines())
    return sorted(path for path in found if not path.startswith("/redirect"))


def test_the_help_names_every_verb(run: Run) -> None:
    done = run("--help")
    assert done.status == 0
    for verb in command.list_commands(Context(command)):
        assert re.search(rf"^  {verb} ", done.out, re.MULTILINE), verb
        assert run_here(verb, "--help").status == 0, verb


def test_python_m_is_the_same_command() -> None:
    import subprocess

    command = [sys.executable, "-m", "requests_cache", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("requests-cache, version ")


def test_ls_lists_what_is_stored(run: Run, filled: str) -> None:
    assert [path for path in paths(run, filled) if path in PATHS] == PATHS
    done = run("ls", filled)
    assert "KEY" in done.out.splitlines()[0]
    assert "\x1b" not in done.out


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--status", "404"], ["/missing", "/old"]),
        (["--status", "4xx", "--valid"], ["/missing"]),
        (["--type", "image/*"], ["/image"]),
        (["--larger-than", "4kB"], ["/bytes/5000"]),
        (["--smaller-than", "4kB", "--match", "*/[bij]*"], ["/image", "/json"]),
        (["--expired"], ["/old"]),
        (["--host", "127.0.0.1", "--match", "*/json"], ["/json"]),
        (["--newer-than", "1h", "--method", "GET", "--match", "*/gzip"], ["/gzip"]),
        (["--host", "example.org"], []),
        (["--older-than", "2d"], []),
    ],
)
def test_ls_takes_criteria(filled: str, options: list[str], expected: list[str]) -> None:
    assert paths(run_here, filled, *options) == expected


def test_ls_writes_json_sorts_and_says_by_its_status_whether_anything_was_found(
    run: Run, filled: str
) -> None:
    rows = run("ls", filled, "--json", "--sort", "size", "--reverse", "--limit", 2).json
    assert [row["size"] for row in rows] == [5000, rows[1]["size"]]
    assert set(rows[0]) >= {"url", "method", "status", "content_type", "size", "key", "expires"}
    assert run("ls", filled).status == 0
    nothing = run("ls", filled, "--host", "example.org", "--json")
    assert (nothing.status, nothing.json) == (1, [])


def test_show_takes_a_url_a_key_or_its_beginning(run: Run, filled: str, origin: Origin) -> None:
    url = origin.url("/json")
    (shown,) = run("show", filled, url, "--json").json
    assert shown["url"] == url
    assert ["Content-Type", "application/json"] in shown["headers"]
    for name in (shown["key"], shown["key"][:10]):
        done = run("show", filled, name, "--body")
        assert (done.status, url in done.out) == (0, True)
    assert run("show", filled, origin.url("/nowhere")).status == 1


def test_get_writes_the_decoded_body(run: Run, filled: str, origin: Origin, tmp_path: Path) -> None:
    expected = CachedSession(backend="memory").get(origin.url("/gzip")).content
    assert run("get", filled, origin.url("/gzip")).out.encode() == expected
    assert run("get", filled, origin.url("/image"), "-o", "image.png").status == 0
    assert (tmp_path / "image.png").read_bytes().startswith(b"\x89PNG")
    assert run("get", filled, origin.url("/new")).status == 1
    before = origin.count("/max-age/60")
    for _ in range(2):
        assert run("get", filled, origin.url("/max-age/60"), "--fetch").status == 0
    assert origin.count("/max-age/60") == before + 1


def test_explain_says_what_a_request_would_do(run: Run, filled: str, origin: Origin) -> None:
    done = run("explain", filled, origin.url("/json"))
    assert done.status == 0
    assert "would      be answered from the cache" in done.out
    (found,) = run("explain", filled, origin.url("/new"), "-H", "X-A: b", "--json").json
    assert (found["action"], found["stored"]) == ("fetch", 0)
    assert run("explain", filled, origin.url("/json"), "-H", "nonsense").status == 2


def test_stats_add_up(run: Run, filled: str) -> None:
    totals = run("stats", filled, "--json").json
    assert totals["responses"] == len(run("ls", filled, "--json").json)
    assert totals["redirects"] == 2
    assert totals["expired"] == 1
    assert totals["types"]["image/png"]["responses"] == 1
    assert totals["hosts"]["127.0.0.1"]["responses"] == totals["responses"]
    assert totals["stored_size"] > totals["size"] > 5000
    shown = run("stats", filled)
    assert f"{totals['responses']} responses" in shown.out


def test_nothing_is_deleted_without_consent(run: Run, filled: str) -> None:
    refused = run("delete", filled, "--type", "image/*")
    assert refused.status == 2
    assert "--yes" in refused.err
    assert "/image" in refused.out
    assert run("delete", filled, "--type", "image/*", "--dry-run").status == 0
    assert run("delete", filled).status == 2
    assert "/image" in paths(run, filled)


def test_delete_deletes_what_is_meant(run: Run, filled: str, origin: Origin) -> None:
    assert run("delete", filled, "--type", "image/*", "--yes").status == 0
    assert run("delete", filled, origin.url("/json"), "--yes").status == 0
    assert [path for path in PATHS if path not in paths(run, filled)] == ["/image", "/json"]
    assert run("delete", filled, origin.url("/json"), "--yes").status == 1
    assert run("delete", filled, "--all", "--yes").status == 0
    assert run("ls", filled).status == 1


def test_prune_deletes_what_is_of_no_use(run: Run, filled: str, backend: str) -> None:
    cache = init_backend(backend, filled)
    cache.write_redirect("from", "to nothing")
    cache.close()
    assert "1 response expired, 1 of no use" in run("prune", filled, "--dry-run").out
    assert run("prune", filled, "--yes").status == 0
    assert "/old" not in paths(run, filled)
    assert run("check", filled).status == 0


def test_compact_gives_space_back(run: Run, filled: str, backend: str) -> None:
    run("delete", filled, "--all", "--yes")
    done = run("compact", filled)
    assert done.status == 0
    assert "before" in done.err if backend == "sqlite" else "by itself" in done.err or done.err


def test_check_finds_damage_and_repairs_it(
    run: Run, filled: str, backend: str, origin: Origin
) -> None:
    cache = init_backend(backend, filled)
    key = cache.create_key(method="GET", url=origin.url("/json"))
    entry = cache.responses.read(key)
    assert entry is not None
    cache.responses.write(key, entry._replace(body=b"another"))
    cache.write_redirect("from", "to nothing")
    cache.close()
    done = run("check", filled, "--json")
    assert done.status == 1
    kinds = {(problem["kind"], problem["key"]) for problem in done.json}
    assert kinds == {("damaged response", key), ("redirect to nothing", "from")}
    assert run("check", filled, "--repair").status == 0
    assert run("check", filled).status == 0
    assert "/json" not in paths(run, filled)


def test_refresh_asks_the_server_again(run: Run, filled: str, origin: Origin) -> None:
    before = origin.count("/json")
    done = run("refresh", filled, "--match", "*/json", "--force")
    assert done.status == 0
    assert "fetched: 1" in done.err
    assert origin.count("/json") == before + 1


def test_refresh_leaves_out_what_had_credentials(
    run: Run, address: str, backend: str, origin: Origin
) -> None:
    with CachedSession(address, backend=backend) as session:
        session.get(origin.url("/json"), headers={"Authorization": "Bearer secret"})
    done = run("refresh", address)
    assert "left out: 1" in done.err
    assert "credentials" in done.out
    assert "secret" not in run("show", address, origin.url("/json")).out


def test_migrate_copies_into_another_backend(
    run: Run, filled: str, backend: str, tmp_path: Path
) -> None:
    target = "filesystem:///copy" if backend == "sqlite" else "sqlite:///copy.sqlite"
    assert run("migrate", filled, target).status == 0
    copied = run("ls", "copy" if backend == "sqlite" else "copy.sqlite", "--json").json
    ours = run("ls", filled, "--json").json
    assert {row["key"] for row in copied} == {row["key"] for row in ours}
    assert run("stats", target, "--json").json["redirects"] == 2


def test_doctor_looks_at_the_installation_and_at_a_cache(run: Run, filled: str) -> None:
    levels = [finding["level"] for finding in run("doctor", filled, "--json").json]
    assert "problem" not in levels
    assert levels.count("fine") == 2


def test_doctor_finds_what_defeats_a_cache(
    run: Run, address: str, backend: str, origin: Origin
) -> None:
    with CachedSession(address, backend=backend) as session:
        for number in range(25):
            session.get(origin.url("/json"), headers={"Authorization": f"nonce {number}"})
    done = run("doctor", address)
    assert done.status == 1
    assert "25 times" in done.out
    assert "no response ever expires" in done.out


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["ls", "nowhere.sqlite"], 2, "there is no such SQLite file"),
        (["ls", "filesystem:///nowhere"], 2, "there is no such folder"),
        (["ls", "nobackend://x"], 2, "no backend 'nobackend' is installed"),
        (["ls"], 2, "Missing argument"),
        (["lss"], 2, "No such command"),
        (["ls", "text.txt"], 2, "this is not a SQLite file"),
        (["import", "new.sqlite", "text.txt"], 3, "not an HTTP Archive"),
        (["import", "new.sqlite", "nowhere.har"], 3, "nowhere.har: No such file or directory"),
        (["import", "new.sqlite", "bytes.har"], 3, "UnicodeDecodeError: 'utf-8' codec"),
        (["export", "empty.sqlite", "-o", "nowhere/x.har"], 3, "nowhere/x.har: No such file"),
        (["report", "empty.sqlite", "-o", "nowhere/x.html"], 3, "nowhere/x.html: No such file"),
        (["explain", "empty.sqlite", "no-url"], 2, "Invalid URL 'no-url'"),
        (["get", "empty.sqlite", "http://127.0.0.1:9/?token=hush", "--fetch"], 3, "REDACTED"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    status: int,
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text("a text that is longer than the mark of SQLite")
    (tmp_path / "bytes.har").write_bytes(b"\xff" * 9999)
    (tmp_path / "empty.sqlite").touch()
    done = run_here(*arguments)
    assert (done.status, says in done.err) == (status, True), done.err
    assert len(done.err) < 1000
    assert "hush" not in done.err
    assert not (tmp_path / "nowhere.sqlite").exists()


def test_a_damaged_file_is_one_line_and_status_3(run: Run, tmp_path: Path, origin: Origin) -> None:
    name = fill("sqlite", str(tmp_path / "damaged.sqlite"), origin)
    data = Path(name).read_bytes()
    Path(name).write_bytes(data[:100] + b"x" * (len(data) - 100))
    done = run("ls", name)
    assert (done.status, len(done.err.splitlines())) == (3, 1), done.err


@pytest.mark.parametrize("verb", ["ls", "stats", "export"])
def test_an_output_that_is_closed_or_full_is_no_traceback(
    tmp_path: Path, origin: Origin, verb: str
) -> None:
    name = fill("sqlite", str(tmp_path / "cache.sqlite"), origin)
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed, Path("/dev/full").open("w") as full:
        for output, status, says in ((closed, 0, ""), (full, 3, "Error: the output: No space")):
            done = subprocess.run(
                [PROGRAM, verb, name], stdout=output, stderr=subprocess.PIPE, text=True, check=False
            )
            said = [line for line in done.stderr.splitlines() if not line.startswith("exported")]
            assert done.returncode == status, done.stderr
            assert "".join(said).startswith(says)
            assert len(said) == (status > 0)
    shell = ["sh", "-c", '"$0" "$@" >&-', str(PROGRAM), verb, name]
    done = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


def test_a_file_that_cannot_be_written_to_its_end_is_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "kept.har"
    path.write_text("before")

    def stopped() -> None:
        with fail_well(), written(path) as file:
            file.write("a part")
            file.flush()
            raise KeyboardInterrupt

    with pytest.raises(SystemExit) as ended:
        stopped()
    assert ended.value.code == 130
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [
        ("kept.har", "before")
    ]
    with written(path) as file:
        file.write("all of it")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [
        ("kept.har", "all of it")
    ]


def test_a_cache_is_named_in_several_ways(run: Run, tmp_path: Path, origin: Origin) -> None:
    name = fill("sqlite", str(tmp_path / "cache.sqlite"), origin)
    expected = run("ls", name, "--json").json
    for address in ("cache", "cache.sqlite", "sqlite:///cache.sqlite", f"sqlite:///{name}"):
        found = run("ls", address, "--json").json
        assert [row["key"] for row in found] == [row["key"] for row in expected], address


def test_control_characters_do_not_reach_the_terminal(
    run: Run, tmp_path: Path, origin: Origin
) -> None:
    name = str(tmp_path / "cache.sqlite")
    with CachedSession(name, backend="sqlite") as session:
        session.get(origin.url("/json"))
    with closing(sqlite3.connect(name)) as database, database:
        (head,) = database.execute("SELECT head FROM responses").fetchone()
    cache = init_backend("sqlite", name)
    response = next(cache.filter())
    response.change_fields(reason="\x1b]0;title\x07", url="http://site.test/\x9b31m")
    cache.write_response("made-up", response)
    cache.close()
    assert head
    for arguments in (("ls", name), ("show", name, "made-up")):
        done = run(*arguments)
        assert not set(done.out) & {"\x1b", "\x07", "\x9b"}, done.out


def test_colours_are_for_people_who_want_them(run: Run, filled: str) -> None:
    """A terminal of script(1) is one."""
    import shlex
    import subprocess

    from program import PROGRAM

    def seen(environment: dict[str, str]) -> str:
        command = f"{shlex.quote(str(PROGRAM))} ls {shlex.quote(filled)}"
        done = subprocess.run(
            ["script", "-qec", command, "/dev/null"],
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": "/usr/bin:/bin", "TERM": "xterm", **environment},
        )
        return done.stdout

    assert "\x1b[32m200" in seen({})
    assert "\x1b" not in seen({"NO_COLOR": "1"})


@pytest.mark.parametrize("backend", ["sqlite"])
def test_hit_rates_are_told_where_they_are_kept(run: Run, address: str, backend: str) -> None:
    with (
        Origin() as origin,
        CachedSession(address, backend=backend, keep_statistics=True) as session,
    ):
        for _ in range(4):
            session.get(origin.url("/json"))
    assert "75% of 4 requests were hits since" in run("stats", address).out
    assert run("stats", address, "--since", "1h", "--json").json["kept"]["hit_rate"] == 0.75
    run("report", address, "-o", "report.html")
    page = Path(address).with_name("report.html").read_text("utf-8")
    assert "75% of 4 requests were hits since" in page
    assert '["Hits",[["' in page


def test_nothing_is_said_of_hit_rates_that_nobody_keeps(run: Run, filled: str) -> None:
    assert "hits" not in run("stats", filled).out
    assert "keep_statistics=True" in run("stats", filled, "--since", "1h").err
    assert run("stats", filled, "--json").json["kept"]["periods"] == []
