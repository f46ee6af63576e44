"""What the analysis says about the decision: how uncertain it is, and what an error would cost.

Everything rests on the net benefit of each draw, never on averaged ratios, so draws in any
quadrant count for what they are.
"""

from prioritering.decision import agreements, routes
from prioritering.decision.budget.flow import Flow
from prioritering.decision.budget.impact import BudgetImpact, LimitCheck, budget_impact
from prioritering.decision.budget.opportunity_cost import (
    DisplacedHealth,
    Portfolio,
    opportunity_cost,
    portfolio,
)
from prioritering.decision.budget.patients import MarketShares, Patients
from prioritering.decision.budget.personnel import Personnel, StaffGroup, personnel
from prioritering.decision.budget.staff import StaffTime, WorkingYear
from prioritering.decision.means import Mean
from prioritering.decision.page.material import Cell, Origin, PageRow
from prioritering.decision.page.page import DecisionPage, decision_page
from prioritering.decision.perspective.counted import Counted
from prioritering.decision.perspective.filled import (
    ImpactInventory,
    InventoryCost,
    InventoryRow,
    impact_inventory,
)
from prioritering.decision.perspective.inventory import Inventory, Row
from prioritering.decision.perspective.views import Perspectives, in_perspective, perspectives
from prioritering.decision.price.analysis import price_analysis
from prioritering.decision.price.path import ScenarioPath, scenario_by_price
from prioritering.decision.price.result import (
    PriceAnalysis,
    PriceAtLevel,
    PriceEstimate,
    PriceForProbability,
)
from prioritering.decision.publication import (
    CONFIDENTIAL,
    PublicView,
    public_view,
    refuse_confidential,
)
from prioritering.decision.secrecy import secrecy
from prioritering.decision.uncertainty.adjustment import AdjustmentEffect, adjustment_effect
from prioritering.decision.uncertainty.assess import assess
from prioritering.decision.uncertainty.cutoffs import CutoffMap, cutoff_sensitivity
from prioritering.decision.uncertainty.documentation import (
    DocumentationJudgement,
    DocumentationLevel,
    JudgedDomain,
    judge_documentation,
)
from prioritering.decision.uncertainty.extrapolation import (
    ExtrapolatedGain,
    GainShare,
    extrapolated_share,
)
from prioritering.decision.uncertainty.indices import Estimate, ExpectedLoss, Index
from prioritering.decision.uncertainty.result import CostPerQaly, Decision
from prioritering.decision.uncertainty.robustness import (
    ClassificationProbability,
    classification_probability,
)

__all__ = [
    "CONFIDENTIAL",
    "AdjustmentEffect",
    "BudgetImpact",
    "Cell",
    "ClassificationProbability",
    "CostPerQaly",
    "Counted",
    "CutoffMap",
    "Decision",
    "DecisionPage",
    "DisplacedHealth",
    "DocumentationJudgement",
    "DocumentationLevel",
    "Estimate",
    "ExpectedLoss",
    "ExtrapolatedGain",
    "Flow",
    "GainShare",
    "ImpactInventory",
    "Index",
    "Inventory",
    "InventoryCost",
    "InventoryRow",
    "JudgedDomain",
    "LimitCheck",
    "MarketShares",
    "Mean",
    "Origin",
    "PageRow",
    "Patients",
    "Personnel",
    "Perspectives",
    "Portfolio",
    "PriceAnalysis",
    "PriceAtLevel",
    "PriceEstimate",
    "PriceForProbability",
    "PublicView",
    "Row",
    "ScenarioPath",
    "StaffGroup",
    "StaffTime",
    "WorkingYear",
    "adjustment_effect",
    "agreements",
    "assess",
    "budget_impact",
    "classification_probability",
    "cutoff_sensitivity",
    "decision_page",
    "extrapolated_share",
    "impact_inventory",
    "in_perspective",
    "judge_documentation",
    "opportunity_cost",
    "personnel",
    "perspectives",
    "portfolio",
    "price_analysis",
    "public_view",
    "refuse_confidential",
    "routes",
    "scenario_by_price",
    "secrecy",
]
