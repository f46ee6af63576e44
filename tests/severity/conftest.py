import pytest

from prioritering.guidelines import guideline


@pytest.fixture(scope="session")
def rules():
    return guideline("no", as_of="2026-11-01")
