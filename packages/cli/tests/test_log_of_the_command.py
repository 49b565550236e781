"""The log of a program that runs the command in its own process."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from program import run_here


@pytest.mark.parametrize("options", [(), ("--verbose",)])
def test_the_log_is_given_back_as_it_was(tmp_path: Path, options: tuple[str, ...]) -> None:
    """What it has found out of its level, too: a logger remembers that."""
    logger = logging.getLogger("requests_cache")
    before = logger.handlers, logger.propagate, logger.level, logger.isEnabledFor(logging.DEBUG)
    run_here("ls", tmp_path / "cache.sqlite", *options)
    after = logger.handlers, logger.propagate, logger.level, logger.isEnabledFor(logging.DEBUG)
    assert after == before
