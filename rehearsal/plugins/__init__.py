"""The executables that the engine starts: ``python -m rehearsal.plugins.<package>``."""
