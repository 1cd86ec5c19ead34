"""Start the rehearsal's command line."""

from __future__ import annotations

import signal

from rehearsal.cli import main

if __name__ == "__main__":
    # Taken as Ctrl-C is: the engine finishes what is under way, then the control plane ends.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    main(prog_name="python -m rehearsal")
