"""Every Python block of the guides runs as printed, and what stands behind ``# ->`` is true."""

import ast
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = ("methods.md", "uncertainty.md", "decision.md", "other-programs.md")
BLOCK = re.compile(r"^```python\n(.*?)^```", flags=re.DOTALL | re.MULTILINE)
TOLD = re.compile(r"  # -> (.+)$")


def blocks(guide):
    """Code of each block, moved to the line it has in the file, for errors that point there."""
    text = (DOCS / guide).read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        yield "\n" * text.count("\n", 0, found.start(1)) + found[1]


def statements(code):
    """Each statement with the line it ends on."""
    lines = code.splitlines()
    return [(node, lines[node.end_lineno - 1]) for node in ast.parse(code).body]


def value_of(node, namespace, where):
    """Run a statement; the value of an expression, or what an assignment leaves."""
    if isinstance(node, ast.Expr):
        name = ast.Name("told", ast.Store(), lineno=node.lineno, col_offset=0)
        node = ast.Assign([name], node.value, lineno=node.lineno, col_offset=0)
    exec(compile(ast.Module([node], []), where, "exec"), namespace)
    return namespace[node.targets[0].id]


@pytest.mark.parametrize("guide", GUIDES)
def test_the_blocks_run_and_tell_the_truth(guide, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace, told = {}, 0
    for code in blocks(guide):
        for node, line in statements(code):
            claim = TOLD.search(line)
            if claim:
                told += 1
                found = value_of(node, namespace, guide)
                assert repr(found) == claim[1], f"{guide}, line {node.lineno}"
            else:
                exec(compile(ast.Module([node], []), guide, "exec"), namespace)
    assert told > 0


@pytest.mark.parametrize("guide", GUIDES)
def test_every_claim_is_read(guide):
    """A claim inside a compound statement, or on a line of its own, would pass unseen."""
    claims = sum(code.count("# ->") for code in blocks(guide))
    read = sum(bool(TOLD.search(line)) for code in blocks(guide) for _, line in statements(code))
    assert claims == read


@pytest.mark.parametrize("guide", GUIDES)
def test_links_lead_somewhere(guide):
    text = (DOCS / guide).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (DOCS / target).exists(), target
