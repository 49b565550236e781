"""The process of one subject, in its own environment: takes orders on stdin, answers on stdout.

Each order and each answer is one line of JSON. A task stays ready between rounds, so that a round
is short and the subjects can take turns.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from parts import rows_by_key
from row import Place, Task
from subjects import SUBJECTS, NotOfferedError

__all__: list[str] = []


class Worker:
    """Does what it is told, with one task at a time."""

    def __init__(self, subject: str) -> None:
        self.subject = SUBJECTS[subject]()
        self.task: Task | None = None

    def prepare(
        self, row: str, number: int, folder: str, origin: str, services: Any, lane: str
    ) -> None:
        """Get ready for the rounds of a row, as the member of this number."""
        place = Place(Path(folder), origin, services, lane, number)
        found = rows_by_key()[row]
        task = found.task(self.subject, place, **found.options)
        task.prepare()
        self.task = task

    def run(self, seconds: float) -> tuple[float, ...]:
        """Do one round."""
        assert self.task is not None
        return tuple(self.task.run(seconds))

    def close(self) -> None:
        """Release what the task holds."""
        if self.task is not None:
            task, self.task = self.task, None
            task.close()

    def answer(self, order: dict[str, Any]) -> dict[str, Any]:
        """Carry out an order; give what came of it."""
        try:
            return {"value": getattr(self, order.pop("order"))(**order)}
        except NotOfferedError as reason:
            return {"not_offered": str(reason)}
        except Exception as error:  # noqa: BLE001  # whatever a subject raises is a result
            traceback.print_exc()
            return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Answer until stdin ends."""
    worker = Worker(sys.argv[1])
    # What a library prints must not look like an answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin:
        print(json.dumps(worker.answer(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
