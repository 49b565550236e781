"""Draw what the demo prints on a terminal: `hatch run picture` writes `docs/demo.svg`.

It is text in SVG, of a real run, with nothing of another origin. Times, keys and ports differ from
run to run; all else is compared with a run by `integration-tests/test_demo.py`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import escape

from packages import ROOT

PICTURE = ROOT / "docs" / "demo.svg"
# Of a character, in units of the picture: a font of 13 is 7.8 wide.
_WIDTH, _HEIGHT, _FONT = 7.8, 18, 13
_MARGIN = 16
# By the code of a terminal: bold, faint, and the colours of outcomes, on dark ground.
_STYLES = {
    "1": "font-weight:bold",
    "2": "fill:#8b949e",
    "31": "fill:#ff7b72",
    "32": "fill:#56d364",
    "33": "fill:#e3b341",
    "35": "fill:#d2a8ff",
    "36": "fill:#76e3ea",
}
_PAINTED = re.compile(r"\x1b\[(\d+)m(.*?)\x1b\[0m|([^\x1b]+)")


def main() -> int:
    """Run the demo and draw it; return the exit status."""
    environment = {**os.environ, "FORCE_COLOR": "1", "PYTHONUTF8": "1"}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "demo"]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    PICTURE.write_text(drawn(done.stdout.decode().rstrip().splitlines()), "utf-8")
    print(f"{PICTURE.relative_to(ROOT)}: written")
    return 0


def drawn(lines: list[str]) -> str:
    """Give the picture of a terminal that shows these lines."""
    columns = max(len(_PAINTED.sub(r"\2\3", line)) for line in lines)
    width = round(columns * _WIDTH + 2 * _MARGIN)
    height = len(lines) * _HEIGHT + 2 * _MARGIN
    styles = "".join(f".c{code}{{{style}}}" for code, style in _STYLES.items())
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">\n',
            "<title>What `hatch run demo` prints</title>\n",
            f"<style>text{{font:{_FONT}px ui-monospace,Menlo,Consolas,monospace;fill:#e6edf3;",
            f"white-space:pre}}{styles}</style>\n",
            f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>\n',
            *(_line(number, line) for number, line in enumerate(lines)),
            "</svg>\n",
        ]
    )


def _line(number: int, line: str) -> str:
    baseline = _MARGIN + (number + 1) * _HEIGHT - 5
    return f'<text y="{baseline}" xml:space="preserve">{"".join(_spans(line))}</text>\n'


def _spans(line: str) -> Iterator[str]:
    # Each begins where the terminal would have it, however wide the font of the reader is.
    column = 0
    for code, painted, plain in _PAINTED.findall(line):
        text = painted or plain
        style = f' class="c{code}"' if code else ""
        yield f'<tspan x="{_MARGIN + column * _WIDTH:.1f}"{style}>{escape(text)}</tspan>'
        column += len(text)


if __name__ == "__main__":
    sys.exit(main())
