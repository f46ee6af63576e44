"""What the analysis says about the decision: how uncertain it is, and what an error would cost.

Everything rests on the net benefit of each draw, never on averaged ratios, so draws in any
quadrant count for what they are.
"""

from prioritering.decision.indices import Estimate, ExpectedLoss, Index
from prioritering.decision.result import CostPerQaly, Decision
from prioritering.decision.uncertainty import assess

__all__ = ["CostPerQaly", "Decision", "Estimate", "ExpectedLoss", "Index", "assess"]
