"""Start the rehearsal's command line."""

from rehearsal.cli import main

if __name__ == "__main__":
    main(prog_name="python -m rehearsal")
