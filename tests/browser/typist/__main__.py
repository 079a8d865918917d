"""`python -m tests.browser.typist`"""

import sys

from tests.browser.typist.command import main

sys.exit(main())
