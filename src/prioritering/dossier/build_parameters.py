"""Parameters of a case: constructors called with what the case file gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import prioritering.parameters as constructors
from prioritering.dossier.faults import placed
from prioritering.dossier.formulas import Where
from prioritering.dossier.load import Case
from prioritering.dossier.schema_parameters import SurvivalFitSpec
from prioritering.errors import CaseError, ParameterError
from prioritering.parameters import Parameter, Parameters

if TYPE_CHECKING:
    from prioritering.guidelines import Guideline


def build_parameters(case: Case, rules: Guideline) -> Parameters:
    """Make the parameters, in the prices of one year.

    Raises
    ------
    ParameterError
        A distribution that is impossible, or prices of several years without a conversion.
    CaseError
        A CSV that does not hold what the parameter needs.
    """
    parameters = {}
    for name in case.spec.parameters:
        with placed(case.where("parameters", name)):
            parameters[name] = _parameter(case, name)
    with placed(case.where("parameters")):
        collection = Parameters(parameters)
    return _correlated(case, _one_price_year(case, collection, rules))


def _parameter(case: Case, name: str) -> Parameter:
    spec = case.spec.parameters[name]
    given: dict[str, Any] = spec.model_dump(exclude_unset=True, exclude_none=True)
    family = given.pop("distribution")
    where = case.where("parameters", name)
    if isinstance(spec, SurvivalFitSpec):
        return _survival_fit(case, spec, where)
    if family == "multivariate_normal":
        given["covariance"] = _covariance(case, given, where)
    if family == "empirical":
        csv, columns = case.csvs[given.pop("csv")], given.pop("columns")
        values = {column: csv.numbers(column, where) for column in columns}
        given["values"] = values if len(columns) > 1 else values[columns[0]]
    positional = [given.pop(first) for first in _POSITIONAL.get(family, ())]
    parameter: Parameter = getattr(constructors, family)(*positional, **given)
    return parameter


def _survival_fit(case: Case, spec: SurvivalFitSpec, where: Where) -> Parameter:
    from prioritering.survival.fit import fit
    from prioritering.survival.observed import SurvivalData

    csv = case.csvs[spec.csv].keep(spec.rows, where)
    data = SurvivalData.from_arrays(
        csv.numbers(spec.time, where), event=csv.numbers(spec.event, where), unit=spec.time_unit
    )
    given = {key: getattr(spec, key) for key in ("unit", "description", "source")}
    stated = {key: text for key, text in given.items() if text}
    stated.setdefault("source", f"maximum likelihood on {spec.csv}, fitted with the case")
    return fit(data, spec.family).parameter(**stated)


_POSITIONAL = {
    "fixed": ("value",),
    "dirichlet": ("counts",),
    "multivariate_normal": ("mean",),
    "empirical": ("values",),
}


def _covariance(case: Case, given: dict[str, Any], where: Where) -> Any:
    file, rows = given.pop("covariance_csv", None), given.pop("covariance", None)
    if (file is None) == (rows is None):
        raise CaseError(
            "a covariance is needed once",
            expected="either covariance or covariance_csv",
            found="both" if file is not None else "neither",
        )
    if file is None:
        return rows
    names, csv = tuple(given["mean"]), case.csvs[file]
    if csv.header != names:
        raise CaseError(
            "a covariance CSV has other columns than the mean",
            expected=", ".join(names),
            found=", ".join(csv.header),
            where={"csv": file},
            remedy="Use the component names as the header, in the order of the mean.",
        )
    return csv.matrix(names, where).tolist()


def _correlated(case: Case, parameters: Parameters) -> Parameters:
    """Return the parameters with the rank correlations of the case."""
    pairs: dict[tuple[str, str], float] = {}
    for k, spec in enumerate(case.spec.correlations):
        a, b = spec.parameters
        with placed(case.where("correlations", k)):
            parameters.correlated({(a, b): spec.rank})
            if {(a, b), (b, a)} & set(pairs):
                raise CaseError(
                    "a correlation is written twice", expected="each pair once", found=f"{a}, {b}"
                )
        pairs[a, b] = spec.rank
    with placed(case.where("correlations")):
        return parameters.correlated(pairs) if pairs else parameters


def _one_price_year(case: Case, parameters: Parameters, rules: Guideline) -> Parameters:
    if case.spec.prices is not None:
        with placed(case.where("prices", "convert_to")):
            parameters = parameters.at_price_year(case.spec.prices.convert_to, rules.prices)
    try:
        parameters.check_price_years()
    except ParameterError as error:
        latest = max(parameters.price_years().values())
        raise ParameterError(
            error.problem,
            expected=error.expected,
            found=error.found,
            where=case.where("parameters"),
            remedy=f"Convert them: write convert_to = {latest} under [prices].",
        ) from error
    return parameters
