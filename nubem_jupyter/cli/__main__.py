"""Lets ``python -m nubem_jupyter.cli`` start the program."""

import sys

from nubem_jupyter.cli.main import main

sys.exit(main())
