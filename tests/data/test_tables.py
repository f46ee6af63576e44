import pickle
import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from prioritering.data import list_tables, load_table
from prioritering.data.table import read_table
from prioritering.errors import DataError, UnknownNameError

TABLES = Path(str(files("prioritering.data") / "tables"))


@pytest.fixture
def copied(tmp_path):
    """A folder with one shipped table, free to damage."""
    for ending in ("csv", "toml"):
        shutil.copy(TABLES / f"no_norm_2025.{ending}", tmp_path)
    return tmp_path


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("name", list_tables())
def test_every_shipped_table_fits_its_sidecar(name):
    table = load_table(name)
    assert table.evidence in ("original", "derived", "secondary")
    assert table.second_hand == (table.evidence == "secondary")
    assert table.licence
    assert len(table.sha256) == 64
    assert all(c.unit for c in table.columns)
    frame = table.to_frame()
    assert len(frame) == table.n_rows
    assert list(frame.columns) == [c.name for c in table.columns]
    for column in table.columns:
        values = table[column.name]
        assert list(frame[column.name]) == list(values)
        if column.type != "text":
            assert np.isfinite(values).all()
            assert not values.flags.writeable


def test_a_frame_is_free_to_edit_and_leaves_the_table_alone():
    table = load_table("no_norm_2025")
    frame = table.to_frame()
    frame.loc[0, "utility"] = 0.5
    assert table["utility"][0] == 0.853


def test_tables_are_read_once_and_survive_pickle():
    table = load_table("no_consumer_prices")
    assert load_table("no_consumer_prices") is table
    assert pickle.loads(pickle.dumps(table)) is table


def test_every_file_has_its_partner():
    assert {f.stem for f in TABLES.glob("*.csv")} == {f.stem for f in TABLES.glob("*.toml")}


def test_repr_names_evidence_and_source():
    assert "secondary; DMP" in repr(load_table("no_norm_2025"))


def test_unknown_table_and_column():
    with pytest.raises(UnknownNameError, match="Did you mean 'no_norm_2025'"):
        load_table("no_norm_2052")
    with pytest.raises(UnknownNameError, match="'utility'"):
        load_table("no_norm_2025")["utilty"]


def test_an_altered_file_is_refused(copied):
    edit(copied / "no_norm_2025.csv", "0.853", "0.953")
    with pytest.raises(DataError, match=r"altered.*sha256.*from_bands"):
        read_table("no_norm_2025", folder=copied)


def test_windows_line_ends_are_the_same_table(copied):
    path = copied / "no_norm_2025.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    table = read_table("no_norm_2025", folder=copied)
    np.testing.assert_array_equal(table["utility"], load_table("no_norm_2025")["utility"])


def test_a_missing_file_is_refused(copied):
    (copied / "no_norm_2025.csv").unlink()
    with pytest.raises(DataError, match=r"missing.*no_norm_2025\.csv.*Reinstall"):
        read_table("no_norm_2025", folder=copied)


def rehash(folder, name="no_norm_2025"):
    """Make the sidecar's hash that of the file, so that the other checks are reached."""
    import hashlib

    sidecar = folder / f"{name}.toml"
    found = hashlib.sha256((folder / f"{name}.csv").read_bytes()).hexdigest()
    edit(sidecar, load_table(name).sha256, found)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("utility\n", "usefulness\n", r"part columns.*'utility'.*'usefulness'"),
        ("40,0.853\n", "", r"part row count.*expected 5; found 4"),
        ("40,0.853", "40,", r"part line 2.*2 filled cells"),
        ("40,0.853", "40,0.853,1", r"part line 2.*2 filled cells"),
        ("40,0.853", "40.5,0.853", r"part column age_from.*integer cells.*40\.5"),
        ("40,0.853", "40,nan", r"part column utility.*finite numbers.*nan"),
        ("40,0.853", "40,high", r"part column utility.*number cells.*high"),
    ],
)
def test_contents_that_do_not_fit_the_sidecar(copied, old, new, message):
    edit(copied / "no_norm_2025.csv", old, new)
    rehash(copied)
    with pytest.raises(DataError, match=message):
        read_table("no_norm_2025", folder=copied)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("licence = ", "license = ", r"part sidecar keys.*'licence'.*'license'"),
        ('evidence = "secondary"', 'evidence = "good"', r"part evidence.*'original'.*found good"),
        ("section = ", "chapter = ", r"part source.*section.*'chapter'"),
        ('type = "integer"', 'type = "whole"', r"part column age_from.*'integer'.*whole"),
        ('date = "2025-07"', 'date = "July"', r"date is not a date.*YYYY.*'July'"),
        ('date = "2025-07"', 'date = " "', r"source without its date"),
    ],
)
def test_sidecars_that_do_not_say_enough(copied, old, new, message):
    edit(copied / "no_norm_2025.toml", old, new)
    with pytest.raises(DataError, match=message):
        read_table("no_norm_2025", folder=copied)


def test_figures_of_the_smaller_tables():
    # Helsedirektoratet's ISF pages: NOK per DRG point.
    isf = load_table("no_isf_unit_prices")
    somatic = {
        y: p
        for y, s, p in zip(isf["year"], isf["service"], isf["price"], strict=True)
        if s == "somatic"
    }
    assert somatic == {2018: 43428, 2020: 45808, 2024: 52248}
    # DMP unit-cost workbook v1.6, as quoted: patient's leisure hour, 2024.
    costs = load_table("no_unit_costs")
    row = costs["key"].index("leisure_time")
    assert (costs["value"][row], costs["unit"][row], costs["price_year"][row]) == (
        328,
        "NOK per hour",
        2024,
    )
    assert len(set(costs["key"])) == costs.n_rows
    # Ara and Brazier (2010): 0.9508566 + 0.0212126 male - 0.0002587 age - 0.0000332 age^2.
    uk = load_table("uk_norm_ara_brazier_2010")
    terms = dict(zip(uk["term"], uk["coefficient"], strict=True))
    assert terms == {
        "intercept": 0.9508566,
        "male": 0.0212126,
        "age": -0.0002587,
        "age_squared": -0.0000332,
    }
