"""The command line as a test calls it: arguments in, exit code, object and words out."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.schemas import faults

from manufold.cli import main


@dataclass(frozen=True)
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on standard output; anything beside it fails the test."""
        assert self.out.endswith("\n") and self.out.count("\n") == 1, self.out[:300]
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


@dataclass(frozen=True)
class Teller:
    """Says commands to one home."""

    home: Path
    capsys: pytest.CaptureFixture[str]

    def words(self, *arguments: object) -> Answer:
        """Return what a command says to people."""
        self.capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = self.capsys.readouterr()
        return Answer(code, out, err)

    def json(self, schema: str, *arguments: object) -> dict[str, Any]:
        """Return the object that a command answers with, held to its schema."""
        answer = self.words(*arguments, "--json")
        assert answer.code == 0, answer.err
        assert faults(schema, answer.json) == []
        return answer.json

    def refusal(self, code: int, *arguments: object) -> dict[str, Any]:
        """Return the error that a command answers with, held to its schema and its exit code."""
        answer = self.words(*arguments, "--json")
        assert answer.code == code, (answer.code, answer.out[:600], answer.err)
        assert faults("error", answer.json) == []
        found = answer.json
        assert found["text"] in answer.err
        assert not found["text"].startswith(found["code"]), "a bare code"
        assert "Traceback" not in answer.err
        return found

    def events(self) -> int:
        """Return how many events the store holds, after proving them."""
        return int(self.json("verify_answer", "verify")["events"])
