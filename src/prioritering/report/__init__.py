"""What a reader sees: words, numbers, tables and figures, in English and Norwegian.

The only room that rounds, formats and draws. Tables need no matplotlib; figures are in
:mod:`prioritering.report.figures`.
"""

from prioritering.report.html import frame_html
from prioritering.report.labels import LANGUAGES, label
from prioritering.report.numbers import money, number, percent, with_error

__all__ = ["LANGUAGES", "frame_html", "label", "money", "number", "percent", "with_error"]
