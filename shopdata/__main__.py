"""``python -m shopdata``."""

import sys

from shopdata.cli import main

if __name__ == "__main__":
    sys.exit(main())
