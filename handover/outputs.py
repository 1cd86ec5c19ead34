"""The stack's outputs: from Pulumi or from a file."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from handover.errors import HandoverError


def from_pulumi(stack: str, *, cwd: Path) -> Mapping[str, Any]:
    """The outputs of ``stack``, secrets included, as the project in ``cwd`` has them.

    Raises:
        HandoverError: Pulumi is not installed, or refuses; its own words are in the text.
    """
    command = ["pulumi", "stack", "output", "--json", "--show-secrets", "--stack", stack]
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise HandoverError("pulumi is not on the PATH") from None
    if done.returncode != 0:
        raise HandoverError(f"pulumi has no outputs of stack {stack}:\n{done.stderr.strip()}")
    return parse(done.stdout, source=f"stack {stack}")


def from_file(path: str) -> Mapping[str, Any]:
    """The outputs in a file that ``pulumi stack output --json --show-secrets`` wrote.

    Args:
        path: the file, or ``-`` for standard input.

    Raises:
        HandoverError: the file cannot be read or is something else.
    """
    if path == "-":
        return parse(sys.stdin.read(), source="standard input")
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HandoverError(f"{path} cannot be read: {error}") from None
    return parse(text, source=path)


def parse(text: str, *, source: str) -> Mapping[str, Any]:
    """The outputs that ``text`` spells in JSON.

    Raises:
        HandoverError: the text is something else. It is not repeated: it may hold secrets.
    """
    try:
        outputs = json.loads(text)
    except ValueError:
        outputs = None
    if not isinstance(outputs, dict):
        raise HandoverError(
            f"{source}: not a stack's outputs, as `pulumi stack output --json --show-secrets` "
            "writes them"
        )
    return outputs
