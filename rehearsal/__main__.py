"""Start the rehearsal's command line."""

from __future__ import annotations

import signal

from rehearsal.cli import main

if __name__ == "__main__":
    # SIGTERM is taken as Ctrl-C is: the engine finishes what is under way, the control plane ends.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    main(prog_name="python -m rehearsal")
