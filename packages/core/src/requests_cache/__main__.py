"""`python -m requests_cache`: the command, or what to install to have it."""

from __future__ import annotations

import sys
from importlib.util import find_spec

__all__ = ["main"]

_MISSING = """The command requests-cache lists, shows, exports and checks what is in a cache.
It is a distribution of its own, and not installed here:

    pip install "requests-cache-core[cli]"
"""


def main() -> int:
    """Run the command, if it is installed; return the exit status."""
    if find_spec("requests_cache.cli") is None:
        asked = sys.argv[1:2] in (["-h"], ["--help"])
        print(_MISSING, end="", file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 1
    from requests_cache.cli.main import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
