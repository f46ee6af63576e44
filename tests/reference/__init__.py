"""Reference numbers with their sources, and the loader the tests share."""

import json
from pathlib import Path
from typing import Any


def reference(name: str) -> dict[str, Any]:
    """Read ``tests/reference/NAME.json``."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8"))
