"""The composition root: `hydroalert …` and `python -m hydroalert …`."""

import sys

from hydroalert.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
