"""Numbers of a case to compute on: the trace, the draws' outcomes, and the survival curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from prioritering.dossier.case_run import CaseRun
    from prioritering.outcomes import Trace
    from prioritering.survival import Curve


def case_data(case_run: CaseRun) -> dict[str, pd.DataFrame]:
    """Unrounded numbers of a run under the names of their files.

    Returns
    -------
    dict of DataFrame
        ``trace``: share of the cohort in each state of the base case, by strategy and year.
        ``draws``: outcomes per patient by strategy and draw; costs in the currency of the case,
        effects in years.
    """
    frames = {}
    if case_run.base.trace is not None:
        frames["trace"] = _trace_frame(case_run.base.trace)
    if case_run.psa is not None:
        frames["draws"] = case_run.psa.to_frame().set_index(["strategy", "draw"])
    return frames


def case_curves(case_run: CaseRun) -> dict[str, Curve]:
    """Survival to each endpoint in each strategy, as a partitioned base case used it.

    The share before an endpoint is that in all states up to it, so curves that were capped are
    shown capped. Endpoint by endpoint, in the order of the strategies; none for other models.
    """
    from prioritering.survival import tabulated

    trace, endpoints = case_run.base.trace, getattr(case_run.model, "endpoints", ())
    if trace is None:
        return {}
    before = trace.occupancy[:, 0].cumsum(axis=-1)
    never_rising = np.minimum.accumulate(before.clip(0.0, 1.0), axis=1)  # but for rounding
    return {
        f"{strategy}: {endpoint}": tabulated(trace.years, survival=never_rising[s, :, k])
        for k, endpoint in enumerate(endpoints)
        for s, strategy in enumerate(trace.strategies)
    }


def _trace_frame(trace: Trace) -> pd.DataFrame:
    import pandas as pd

    index = pd.MultiIndex.from_product([trace.strategies, trace.years], names=["strategy", "year"])
    shares = trace.occupancy[:, 0].reshape(-1, len(trace.states))
    return pd.DataFrame(shares, index=index, columns=pd.Index(trace.states))
