import sys

from sehat.cli import main

sys.exit(main())
