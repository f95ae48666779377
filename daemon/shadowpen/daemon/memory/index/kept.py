"""A cache of bounded size that is emptied when it is full."""

from __future__ import annotations

from typing import TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class BoundedCache(dict[Question, Answer]):
    """A cache of bounded size.

    Contexts are as unevenly frequent as words are: the few that matter are back after a handful of questions.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, question: Question, answer: Answer) -> None:
        if len(self) >= self._most:
            self.clear()
        self[question] = answer
