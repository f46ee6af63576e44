"""Run the command line with ``python -m prioritering``."""

from prioritering.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
