"""What the authorities have decided, as dated and sourced data.

One TOML file per topic and country holds a rule's entries in order of date; each names its
source and how it was read. :func:`guideline` picks the entries in force on a day and hands
them out as typed, immutable objects. Nothing an authority can change stands in Python.
"""

from prioritering.guidelines.foreign import (
    FOREIGN_SCALES,
    ForeignClass,
    ForeignScale,
    foreign_scale,
)
from prioritering.guidelines.guideline import Guideline, Rules, guideline
from prioritering.guidelines.judgement import JudgementRule
from prioritering.guidelines.perspective import Consequence, Perspective
from prioritering.guidelines.rule import Rule
from prioritering.guidelines.severity import SeverityClass, SeverityScale
from prioritering.guidelines.uncertainty import Reading, UncertaintyRule
from prioritering.guidelines.values import (
    AuthorityLimit,
    DiscountingRule,
    Label,
    OpportunityCost,
    SmallGroups,
    Step,
    TableChoice,
    Term,
    Terms,
)

__all__ = [
    "FOREIGN_SCALES",
    "AuthorityLimit",
    "Consequence",
    "DiscountingRule",
    "ForeignClass",
    "ForeignScale",
    "Guideline",
    "JudgementRule",
    "Label",
    "OpportunityCost",
    "Perspective",
    "Reading",
    "Rule",
    "Rules",
    "SeverityClass",
    "SeverityScale",
    "SmallGroups",
    "Step",
    "TableChoice",
    "Term",
    "Terms",
    "UncertaintyRule",
    "foreign_scale",
    "guideline",
]
