"""The model of a case, run as the case says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from prioritering.dossier.build import BuiltCase
from prioritering.dossier.faults import placed
from prioritering.dossier.inventory import counted_costs
from prioritering.dossier.load import Case
from prioritering.outcomes import Outcomes
from prioritering.yearly import YearlyOutcomes

if TYPE_CHECKING:
    from prioritering.guidelines import Guideline
    from prioritering.parameters import Draws, Parameters


@dataclass(frozen=True)
class CaseModel:
    """A model with the conventions of its case; its runs say which case they are of.

    Attributes
    ----------
    case
        The case as loaded.
    built
        Its rules, parameters, model and discounting.
    """

    case: Case
    built: BuiltCase

    def run(self, draws: Draws, rules: Guideline | None = None, **options: Any) -> Outcomes:
        """Run draws under the case's conventions, but for the ``options`` of ``model.run``.

        With an inventory, costs are those that the guideline's perspective counts.
        """
        return self.counted(self.run_all(draws, rules, **options))

    def run_all(self, draws: Draws, rules: Guideline | None = None, **options: Any) -> Outcomes:
        """Run as :meth:`run` does, and keep every cost category."""
        built = self.built
        conventions = {
            "discounting": built.discounting,
            "discounting_effects": built.discounting_effects,
        }
        with placed({"file": self.case.text.file}):
            outcomes = built.model.run(draws, rules or built.rules, **{**conventions, **options})
        return replace(outcomes, provenance={**outcomes.provenance, **self._origin})

    def run_by_year(self, draws: Draws, *, years: int) -> YearlyOutcomes:
        """Undiscounted costs of every category, and resource use, in each year since start."""
        with placed({"file": self.case.text.file}):
            yearly = self.built.model.run_by_year(draws, self.built.rules, years=years)
        return replace(yearly, provenance={**yearly.provenance, **self._origin})

    def counted(self, outcomes: Outcomes) -> Outcomes:
        """Keep the costs that the guideline's perspective counts."""
        built = self.built
        return counted_costs(outcomes, built.inventory, built.rules, self.case)

    @property
    def _origin(self) -> dict[str, Any]:
        return {
            "case": self.case.name,
            "currency": self.case.currency,
            "files": dict(self.case.sha256),
        }

    def changed(self, **fields: Any) -> CaseModel:
        """Return the same with other fields of the model, such as ``horizon``."""
        return replace(self, built=replace(self.built, model=replace(self.built.model, **fields)))


def drawn_again(parameters: Parameters, psa: Outcomes) -> Draws:
    """Return the draws behind a probabilistic run, the same numbers again."""
    return parameters.sample(psa.n_draws, seed=psa.provenance["draws"]["seed"])
