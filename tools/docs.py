"""The documentation site: `hatch run docs` makes it, strictly and without a network.

`serve` shows it on 127.0.0.1; `--check` says what is out of date or broken, and leaves nothing.
The generated parts of the texts are written first, by `write_docs.py`.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import write_docs

from packages import ROOT

SITE = ROOT / "site"
PORT = 8000


def main() -> int:
    """Do what the argument says; return the exit status."""
    argument = "".join(sys.argv[1:])
    if argument not in ("", "serve", "--check"):
        print(f"docs: {argument!r} is neither `serve` nor `--check`", file=sys.stderr)
        return 2
    status = write_docs.main()
    if argument == "--check":
        with TemporaryDirectory() as folder:
            return build(Path(folder)) or status
    status = status or build(SITE)
    if argument == "serve" and not status:
        serve()
    return status


def build(folder: Path) -> int:
    """Make the site; what Sphinx warns of, such as a link to nowhere, is an error."""
    command = (sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going")
    # What Sphinx remembers is not part of the site.
    with TemporaryDirectory() as memory:
        where = ("--doctree-dir", memory, str(ROOT / "docs"), str(folder))
        return subprocess.run([*command, *where], check=False).returncode


def serve() -> None:
    """Show the site until somebody stops it."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(SITE))
    with ThreadingHTTPServer(("127.0.0.1", PORT), handler) as server:
        print(f"http://127.0.0.1:{PORT}/", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    sys.exit(main())
