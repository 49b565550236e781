"""Write the generated parts of the texts anew, or with `--check` say where they are out of date."""

from __future__ import annotations

import ast
import re
import sys
from configparser import ConfigParser
from importlib import import_module
from itertools import chain
from pathlib import Path

import constructor
import verbs
from requests_cache._earlier.members import MEMBERS, Member
from requests_cache._earlier.names import INNER, NAMES
from requests_cache._earlier.options import OPTIONS
from requests_cache._store import entry
from requests_cache.backends.base import BaseStorage
from requests_cache.settings import ALIASES
from requests_cache.testing import support_table

from packages import ROOT, packages

_PLACE = r"[\w.]+:\w+"
_STORAGES = "requests_cache.storages"
_LANGUAGES = {".py": "python", ".toml": "toml"}


def main() -> int:
    """Write or check every generated text; return the exit status."""
    check = "--check" in sys.argv[1:]
    stale = [path for path, text in generated() if not _says(path, text)]
    for path, text in generated():
        if path in stale and not check:
            path.write_text(text, "utf-8")
    for path in stale:
        name = path.relative_to(ROOT)
        print(f"{name}: out of date, run `hatch run docs`" if check else f"{name}: written")
    return 1 if check and stale else 0


def generated() -> list[tuple[Path, str]]:
    """Give every file with generated parts, and what it should say."""
    readme = ROOT / "README.md"
    table = support_table((name, storage.capabilities) for name, storage in storages())
    guide = ROOT / "docs" / "writing-a-backend.md"
    other = ROOT / "docs" / "writing-a-serializer.md"
    design = ROOT / "docs" / "architecture.md"
    coming = ROOT / "docs" / "coming-from-requests-cache.md"
    written = (*verbs.generated(), *constructor.generated())
    modules = [(verbs.CORE / name, text) for name, text in written]
    return [
        *modules,
        (coming, earlier(coming.read_text("utf-8"))),
        (design, drawings(design.read_text("utf-8"))),
        (readme, fill(readme.read_text("utf-8"), "support-table", table)),
        (guide, fill(include(guide.read_text("utf-8")), "capabilities", capability_table())),
        (other, include(other.read_text("utf-8"))),
    ]


def _says(path: Path, text: str) -> bool:
    return path.exists() and path.read_text("utf-8") == text


def earlier(text: str) -> str:
    """Fill in the tables of what earlier versions had, from the data that the code uses."""
    aliases = [f"| `{name}` | `{setting}` |\n" for name, setting in ALIASES.items()]
    settings = "".join(["| old name | here |\n", "|---|---|\n", *aliases])
    rows = [
        f"| `{name}` | {option.since} | {f'`{option.here}`' if option.here else 'no effect'}"
        f" | {option.says} |\n"
        for name, option in OPTIONS.items()
    ]
    head = ["| old name | since | here | |\n", "|---|---|---|---|\n"]
    options = "".join([*head, *rows])
    names = [
        f"| `{name}` | `{found.package}` | {found.since} | {_place(found.here) or found.says} |\n"
        for name, found in sorted(NAMES.items())
    ]
    head = ["| name | package | since | here |\n", "|---|---|---|---|\n"]
    inner = [
        f"| `{module}` | `{name}` | {_place(here) if re.fullmatch(_PLACE, here) else here} |\n"
        for module, found in INNER.items()
        for name, here in found.items()
    ]
    members = [
        f"| `{owner}.{name}` | {member.since} | {_status(member)} |\n"
        for owner, found in MEMBERS.items()
        for name, member in found.items()
    ]
    for part, table in (
        ("earlier-inner-names", "".join(["| module | name | here |\n", "|---|---|---|\n", *inner])),
        ("earlier-members", "".join(["| name | since | here |\n", "|---|---|---|\n", *members])),
        ("earlier-settings", settings),
        ("earlier-options", options),
        ("earlier-names", "".join([*head, *names])),
    ):
        text = fill(text, part, table)
    return text


def _status(member: Member) -> str:
    return member.says if member.here else f"not here: {member.says}"


def _place(here: str) -> str:
    module, _, attribute = here.partition(":")
    if not here or module.startswith(("/", "_")):
        return f"`{attribute}`" if attribute else ""
    return f"`requests_cache.{module}.{attribute}`"


def storages() -> list[tuple[str, type[BaseStorage]]]:
    """Give the storage class of every backend, by name."""
    points: dict[str, str] = {}
    for package in packages():
        points |= package.settings["project"].get("entry-points", {}).get(_STORAGES, {})
    found = []
    for name, place in sorted(points.items()):
        module, _, attribute = place.partition(":")
        found.append((name, getattr(import_module(module), attribute)))
    return found


def capability_table() -> str:
    """Give a row for each capability, from the text below its field."""
    text = Path(str(entry.__file__)).read_text("utf-8")
    source = text.partition("class Capabilities(")[2].partition("\nclass ")[0]
    fields = re.findall(r'\n    (\w+): [^\n]* = ([^\n]+)\n    """(.*?)"""', source, re.DOTALL)
    rows = [f"| `{name}` | {value} | {' '.join(says.split())} |\n" for name, value, says in fields]
    return "".join(["| field | default | says |\n", "|---|---|---|\n", *rows])


def drawings(text: str) -> str:
    """Fill in the layers, and what each file is about."""
    return fill(fill(text, "layers", drawing_of_layers()), "files", list_of_files())


def list_of_files() -> str:
    """List the files of the core and of the stores, each with the first line about it."""
    folders = {path.parent for path in verbs.CORE.glob("*/*.py")}
    stores = ROOT.glob("packages/backend-*/src/requests_cache/backends/*/*.py")
    lines = []
    for folder in (*sorted(folders), *sorted({path.parent for path in stores})):
        files = sorted(folder.glob("[!_]*.py"))
        if files:
            lines.append(f"\n{folder.parent.name}/{folder.name}/\n".replace("requests_cache/", ""))
        lines += [f"  {path.name:<20} {_first_line(path)}\n" for path in files]
    return "".join(["```", *lines, "```\n"])


def drawing_of_layers() -> str:
    """Draw the layers that `.importlinter` declares, each part with the first line about it."""
    rules = ConfigParser()
    rules.read(ROOT / ".importlinter")
    lines = []
    for layer in rules["importlinter:contract:layers"]["layers"].split("\n"):
        for name in filter(None, layer.split(" | ")):
            short = name.strip(" ()").removeprefix("requests_cache.")
            lines.append(f"{short:<12} {_first_line_of(short)}\n")
        if layer.strip():
            lines.append("\n")
    return "".join(["```\n", *lines[:-1], "```\n"])


def _first_line_of(name: str) -> str:
    places = (f"{name}.py", f"{name}/__init__.py")
    found = (ROOT.glob(f"packages/*/src/requests_cache/{place}") for place in places)
    return _first_line(next(chain.from_iterable(found)))


def _first_line(source: Path) -> str:
    text = ast.get_docstring(ast.parse(source.read_text("utf-8"))) or ""
    return text.partition("\n")[0]


def include(text: str) -> str:
    """Put the files that a text names between their markers."""

    def included(marker: re.Match[str]) -> str:
        path = ROOT / marker[1]
        begin = f"<!-- file: {marker[1]} -->\n```{_LANGUAGES[path.suffix]}\n"
        return f"{begin}{path.read_text('utf-8')}```\n<!-- /file -->"

    return re.sub(r"<!-- file: (\S+) -->\n.*?<!-- /file -->", included, text, flags=re.DOTALL)


def fill(text: str, name: str, content: str) -> str:
    """Put `content` between the markers of a part."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}{content}{end}{after}"


if __name__ == "__main__":
    sys.exit(main())
