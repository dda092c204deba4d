"""`python -m manufold`: the command line."""

import sys

from manufold.cli import main

sys.exit(main())
