"""Settings of all tests: no time limits, and the same random examples on every CI run."""

import os

from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("house")
