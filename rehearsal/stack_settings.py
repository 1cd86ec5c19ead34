"""The one thing that the rehearsal itself reads from a stack file."""

from __future__ import annotations

from pathlib import Path

import yaml

PLATFORM_KEY = "openedx-large:platform"


def kubernetes_version(stack_file: Path) -> str | None:
    """The Kubernetes version that a stack asks for, e.g. ``1.34.1``.

    None where the file does not say it: whatever is wrong with the file is for the program to
    tell, with everything else that is wrong.
    """
    try:
        settings = yaml.safe_load(stack_file.read_text(encoding="utf-8"))
        return str(settings["config"][PLATFORM_KEY]["cluster"]["kubernetes"])
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return None
