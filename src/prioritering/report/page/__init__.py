"""The one page a decision is made from, as a table, as text and as HTML to print on A4."""

from prioritering.report.page.html import page_html
from prioritering.report.page.table import page_table
from prioritering.report.page.text import page_text

__all__ = ["page_html", "page_table", "page_text"]
