"""Maximum-likelihood fits with covariance, and the same in lifelines in its own environment.

lifelines has five of the seven standard families. It pins an old pandas, so it runs as a worker
process in a virtual environment made here once; a timing includes some 50 microseconds of talk.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.survival_fit.patients import gbsg2, simulated

from prioritering.survival import generalised_gamma
from prioritering.survival.fit import Specification, fit, fit_all

LIFELINES = "lifelines==0.30.3"
ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / "results" / "benchmarks" / "lifelines"
FAMILIES = "Fits: seven standard families (lifelines: five), 1 000 patients"
SPLINE = "Fits: spline with 2 inner knots, 1 000 patients"
MANY = "Fits: spline with 2 inner knots to each of 20 simulated data sets"
COMMON = ("exponential", "weibull", "lognormal", "loglogistic", "generalised_gamma")


@pytest.fixture(scope="module")
def patients():
    whole = gbsg2("rfs")
    rows = np.random.default_rng(1).integers(whole.n, size=1_000)
    return type(whole).from_arrays(whole.time[rows], event=whole.event[rows])


@pytest.fixture(scope="module")
def trials():
    truth = generalised_gamma(mu=1.3, sigma=0.9, Q=-0.7)
    return [simulated(truth, n=300, seed=seed) for seed in range(20)]


@pytest.fixture(scope="module")
def lifelines(patients, trials, tmp_path_factory):
    """Callable from the name of a task to its numbers of fits and of failures."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", LIFELINES]
        subprocess.run(install, check=True)
    data = tmp_path_factory.mktemp("lifelines") / "patients.json"
    sets = [{"time": d.time.tolist(), "event": d.event.tolist()} for d in (patients, *trials)]
    data.write_text(json.dumps(sets), encoding="utf-8")
    command = [str(python), str(Path(__file__).with_name("lifelines_worker.py")), str(data)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as worker:

        def ask(task):
            worker.stdin.write(f"{task}\n")
            worker.stdin.flush()
            return json.loads(worker.stdout.readline())

        yield ask
        worker.stdin.close()


def test_ours_families(timed, patients):
    table = timed(FAMILIES, "ours", lambda: fit_all(patients), rounds=30)
    assert all(result.converged for result in table)


def test_ours_families_lifelines_has(timed, patients):
    timed(FAMILIES, "the five lifelines has", lambda: fit_all(patients, COMMON), rounds=30)


def test_lifelines_families(timed, lifelines):
    answer = timed(FAMILIES, LIFELINES, lambda: lifelines("families"), rounds=3)
    assert answer["fits"] == len(COMMON)


@pytest.mark.parametrize("knots", [1, 2, 3])
@pytest.mark.parametrize("scale", ["hazard", "odds", "normal"])
def test_ours_splines(timed, patients, knots, scale):
    who = "ours" if (knots, scale) == (2, "hazard") else f"{knots} knots, {scale} scale"
    result = timed(
        SPLINE, who, lambda: fit(patients, "spline", knots=knots, scale=scale), rounds=50
    )
    assert result.converged


def test_lifelines_spline(timed, lifelines):
    timed(SPLINE, LIFELINES, lambda: lifelines("spline"), rounds=3)


def test_ours_many_splines(timed, trials):
    spline = Specification("spline", knots=2)
    fits = timed(MANY, "ours", lambda: [fit(data, spline) for data in trials], rounds=5)
    assert all(result.converged for result in fits)


def test_lifelines_many_splines(timed, lifelines, benchmark):
    answer = timed(MANY, LIFELINES, lambda: lifelines("many splines"), rounds=1)
    benchmark.extra_info.update(failed=answer["failed"])
