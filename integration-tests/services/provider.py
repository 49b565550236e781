"""How tests come by a service: its address from the environment, else a container, else not."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from .missing import ServiceMissing, give_up

if TYPE_CHECKING:
    from .service import Service

S = TypeVar("S", bound="Service")

ADDRESS_SECONDS = 10.0
SETUP = "python integration-tests/setup_docker.py"


def provided(kind: type[S]) -> Iterator[S]:
    """Yield a service for a session fixture, and remove it after; without one, skip or fail."""
    found = _found_or_reason(kind)
    if isinstance(found, str):
        give_up(found)
    try:
        yield found
    finally:
        found.close()


def _found_or_reason(kind: type[S]) -> S | str:
    try:
        return obtain(kind)
    except ServiceMissing as missing:
        return str(missing)


def obtain(kind: type[S]) -> S:
    """Return a service that answers; raise `ServiceMissing` where there is no way to one."""
    address = os.environ.get(kind.variable)
    if address:
        service = kind.at(address)
        service.wait_until_ready(ADDRESS_SECONDS)
        return service
    try:
        tag = _image(kind.image)
    except ServiceMissing as missing:
        raise ServiceMissing(
            f"{kind.name} is not tested: {missing}; "
            f"set {kind.variable}={kind.example} or run `{SETUP}`"
        ) from missing
    return _launch(kind, tag)


def _launch(kind: type[S], tag: str) -> S:
    from .container import HOST, Container
    from .ports import free_ports

    ports = free_ports(kind.port_count)
    container = Container(tag, kind.command(ports), ports, kind.in_memory)
    service = kind(HOST, ports, container)
    try:
        service.prepare()
    except BaseException:
        service.close()
        raise
    return service


@functools.cache
def engine_state() -> str | None:
    """Ask for the engine once a run, and tidy up after runs that were killed."""
    from images import engine_trouble

    from .container import remove_orphans

    trouble = engine_trouble()
    if trouble is None:
        remove_orphans()
    return trouble


def _image(name: str) -> str:
    from images import CATALOG, DockerError, ensure_image

    trouble = engine_state()
    if trouble:
        raise ServiceMissing(trouble)
    try:
        return ensure_image(next(image for image in CATALOG if image.name == name))
    except DockerError as error:
        raise ServiceMissing(str(error)) from error
