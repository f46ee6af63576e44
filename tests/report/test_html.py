from html.parser import HTMLParser

import pandas as pd
import pytest

from prioritering.report import frame_html

NASTY = '<script>alert("x")</script> & co'


class Cells(HTMLParser):
    """Text of every cell, and the tags met."""

    def __init__(self):
        super().__init__()
        self.tags, self.rows, self.texts, self.in_cell = [], [], [], False

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        self.in_cell = tag in ("td", "th")
        if self.in_cell:
            self.rows[-1].append("")

    def handle_data(self, data):
        self.texts.append(data)
        if self.in_cell:
            self.rows[-1][-1] += data


def parsed(html):
    parser = Cells()
    parser.feed(html)
    return parser


def test_every_text_is_escaped():
    frame = pd.DataFrame({NASTY: [NASTY]}, index=pd.Index([NASTY], name=NASTY))
    frame.attrs["notes"] = (NASTY,)
    found = parsed(frame_html(frame, caption=NASTY))
    assert "script" not in found.tags
    assert found.texts == [NASTY] * 6
    assert found.rows == [[NASTY, NASTY], [NASTY, NASTY]]


def test_a_plain_count_is_no_column():
    found = parsed(frame_html(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})))
    assert found.rows == [["a", "b"], ["1", "x"], ["2", "y"]]


def test_an_index_of_several_levels_has_a_column_each():
    index = pd.MultiIndex.from_tuples([("new", 0), ("new", 1)], names=["strategy", "draw"])
    found = parsed(frame_html(pd.DataFrame({"cost": [1.5, 2.5]}, index=index)))
    assert found.rows == [["strategy", "draw", "cost"], ["new", "0", "1.5"], ["new", "1", "2.5"]]


@pytest.mark.parametrize(
    ("cells", "side"),
    [(["1.0", "-2", "–", "", "<1 %"], "right"), (["1.0", "dominated"], "left")],
)
def test_columns_of_numbers_are_set_to_the_right(cells, side):
    html = frame_html(pd.DataFrame({"column": cells}))
    assert html.count(f"text-align:{side}") == len(cells) + 1
