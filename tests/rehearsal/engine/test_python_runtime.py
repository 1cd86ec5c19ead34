"""A program runs in the Python that its project file asks for, or not at all."""

import os
from pathlib import Path

import pytest

from rehearsal.engine.python_runtime import RuntimeOptionsError, python_runtime

PATH = {"PATH": os.defpath}


def a_virtualenv(path: Path) -> Path:
    (path / "bin").mkdir(parents=True)
    (path / "bin" / "python").write_text("")
    (path / "pyvenv.cfg").write_text("")
    return path


def test_a_virtualenv_is_taken_from_the_root_of_the_project(tmp_path: Path) -> None:
    virtualenv = a_virtualenv(tmp_path / "env")
    runtime = python_runtime({"toolchain": "pip", "virtualenv": "env"}, tmp_path, PATH)
    assert runtime.python == str(virtualenv / "bin" / "python")


def test_an_absolute_virtualenv_is_taken_as_it_is(tmp_path: Path) -> None:
    virtualenv = a_virtualenv(tmp_path / "env")
    runtime = python_runtime({"virtualenv": str(virtualenv)}, Path("/elsewhere"), PATH)
    assert runtime.python == str(virtualenv / "bin" / "python")


def test_uv_keeps_its_environment_in_the_project(tmp_path: Path) -> None:
    a_virtualenv(tmp_path / ".venv")
    runtime = python_runtime({"toolchain": "uv"}, tmp_path, PATH)
    assert runtime.python == str(tmp_path / ".venv" / "bin" / "python")


def test_children_of_the_program_use_the_same_environment(tmp_path: Path) -> None:
    virtualenv = a_virtualenv(tmp_path / "env")
    runtime = python_runtime({"virtualenv": "env"}, tmp_path, PATH)
    environment = runtime.environment({"PATH": "/usr/bin", "PYTHONHOME": "/other", "A": "b"})
    assert environment == {
        "A": "b",
        "PATH": f"{virtualenv / 'bin'}:/usr/bin",
        "VIRTUAL_ENV": str(virtualenv),
    }


def test_without_options_the_python_on_path_runs_the_program(tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    runtime = python_runtime({}, tmp_path, {"PATH": str(tmp_path)})
    assert runtime.python == str(python)
    assert runtime.environment({"PATH": "/usr/bin"}) == {"PATH": "/usr/bin"}


def test_a_folder_that_is_no_virtualenv_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "env").mkdir()
    with pytest.raises(RuntimeOptionsError, match=r"env is not a virtual environment; create it"):
        python_runtime({"virtualenv": "env"}, tmp_path, PATH)


def test_poetry_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(RuntimeOptionsError, match=r"toolchain: poetry: .* knows pip and uv"):
        python_runtime({"toolchain": "poetry"}, tmp_path, PATH)


def test_an_option_that_would_have_no_effect_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuntimeOptionsError, match="runtime option typechecker"):
        python_runtime({"typechecker": "mypy"}, tmp_path, PATH)


def test_no_python_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(RuntimeOptionsError, match="python3 is not on PATH"):
        python_runtime({}, tmp_path, {"PATH": str(tmp_path)})
