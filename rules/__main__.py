"""`python -m rules` is the command line."""

import sys

from rules.cli import main

if __name__ == "__main__":
    sys.exit(main())
