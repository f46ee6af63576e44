"""The mark of a secret price, handed on to results made of several others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prioritering.decision.publication import CONFIDENTIAL


def secrecy(*provenances: Mapping[str, Any]) -> dict[str, str]:
    """Mark for the provenance of a result made of these; empty if none of them is secret.

    Examples
    --------
    >>> secrecy({"seed": 1}, {"confidential": "agreement of 2026"}, {"confidential": "net price"})
    {'confidential': 'agreement of 2026; net price'}
    >>> secrecy({"seed": 1})
    {}
    """
    reasons = [str(p[CONFIDENTIAL]) for p in provenances if p.get(CONFIDENTIAL)]
    return {CONFIDENTIAL: "; ".join(dict.fromkeys(reasons))} if reasons else {}
