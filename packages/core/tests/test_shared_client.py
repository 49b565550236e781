"""A client that threads share is closed when none of them is in it any more."""

from __future__ import annotations

import os
from itertools import count

import pytest
from requests_cache.backends.base import SharedClient


class _Clients:
    """Clients are numbers; says which were closed."""

    def __init__(self) -> None:
        numbers = count(1)
        self.closed: list[int] = []
        self.shared: SharedClient[int] = SharedClient(lambda: next(numbers), self.closed.append)


def test_a_client_is_opened_once_and_closed_at_once_when_nobody_is_in_it() -> None:
    made = _Clients()
    assert not made.shared.is_open
    assert [made.shared.current, made.shared.current] == [1, 1]
    made.shared.close()
    made.shared.close()
    assert (made.closed, made.shared.is_open) == ([1], False)
    assert made.shared.current == 2


def test_who_is_in_a_client_keeps_it_and_the_next_one_gets_another() -> None:
    made = _Clients()
    with made.shared.use() as first, made.shared.use() as same:
        made.shared.close()
        assert (first, same, made.closed) == (1, 1, [])
        with made.shared.use() as second:
            assert second == 2
        made.shared.close()
        assert made.closed == []
    assert made.closed == [1, 2]


def test_each_client_goes_with_the_last_of_those_who_were_there() -> None:
    made = _Clients()
    early, late = made.shared.use(), made.shared.use()
    early.__enter__()
    made.shared.close()
    assert late.__enter__() == 2
    early.__exit__(None, None, None)
    assert made.closed == [1]
    late.__exit__(None, None, None)
    made.shared.close()
    assert made.closed == [1, 2]


def test_an_error_in_a_block_and_one_of_opening_keep_nothing_open() -> None:
    made = _Clients()
    with pytest.raises(ValueError, match="nothing"), made.shared.use():
        int("nothing")
    made.shared.close()
    assert made.closed == [1]
    failing: SharedClient[int] = SharedClient(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError), failing.use():
        pass
    assert not failing._users


def test_a_forked_child_has_its_own_client_and_never_closes_that_of_its_parent() -> None:
    made = _Clients()
    with made.shared.use():
        child = os.fork()
        if child == 0:
            with made.shared.use() as own:
                made.shared.close()
            os._exit((own, made.closed) != (2, [2]))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    made.shared.close()
    assert made.closed == [1]


def test_clients_that_are_equal_are_not_taken_for_each_other() -> None:
    """Those of one server may be; a thread would close one of them twice, and the other never."""
    shared: SharedClient[str] = SharedClient(lambda: "client of one server")
    with shared.use(), shared.use():
        for _ in range(2):
            assert shared.current
            shared.close()
        first, second = shared._left
        assert first.client == second.client
        assert first.users == second.users
        assert first != second
    assert not shared._left


def test_a_client_whose_end_closes_the_others_leaves_none_to_close_twice() -> None:
    numbers, closed = count(1), list[int]()

    def end(client: int) -> None:
        closed.append(client)
        shared.close()

    shared = SharedClient(lambda: next(numbers), end)
    with shared.use():
        shared.close()
        with shared.use():
            shared.close()
    assert closed == [1, 2]
