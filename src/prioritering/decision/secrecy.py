"""The mark of a secret price, handed on to results made of several others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prioritering.decision.publication import CONFIDENTIAL, secret_reason


def secrecy(*provenances: Mapping[str, Any]) -> dict[str, str]:
    """Mark for the provenance of a result made of these; empty if none of them is secret.

    Examples
    --------
    >>> secrecy({"seed": 1}, {"confidential": "agreement of 2026"}, {"confidential": "net price"})
    {'confidential': 'agreement of 2026; net price'}
    >>> secrecy({"seed": 1})
    {}
    """
    reasons = dict.fromkeys(filter(None, map(secret_reason, provenances)))
    return {CONFIDENTIAL: "; ".join(reasons)} if reasons else {}
