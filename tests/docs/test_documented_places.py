"""A newcomer who follows a place named in the documents finds it: modules, functions, settings and tests are there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from qondor_finago_pipelines.rules.preflight.assumptions import PROBES

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "qondor_finago_pipelines"
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])

MODULE = re.compile(r"`([a-z_]+(?:/[a-z_]+)*\.py)`((?: · `[^`]+`(?:, `[^`]+`)*)?)")
TEST = re.compile(r"`(tests/[a-z_/]+\.py)::([\w:]+)`")
ASSUMPTION = re.compile(r"^\| ([QF]\d+) \|(.*)\|$", re.MULTILINE)
EVIDENCE = re.compile(r"(\*\*)?(contradicted|weakened|confirmed|open)\b")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")


def _places(text: str) -> Iterator[tuple[str, str]]:
    """Each module that is named with something in it; alone, with an empty name."""
    for module, names in MODULE.findall(text):
        yield from ((module, name) for name in re.findall(r"`([^`]+)`", names) or [""])


@cache
def _names_in(module: Path) -> frozenset[str]:
    """Functions, classes, constants and their members: `order_for`, `Session.call`, `SyncSettings.poll_seconds`."""
    found: set[str] = set()
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        found |= _defined(node)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{member}" for inner in node.body for member in _defined(inner)}
    return frozenset(found)


def _defined(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    return set()


def _anchors(document: Path) -> set[str]:
    """The headings as links name them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_place_in_the_code_is_there(document: Path) -> None:
    missing = []
    for module, name in _places(document.read_text(encoding="utf-8")):
        file = (ROOT if module.startswith(("tests/", f"{PACKAGE.name}/")) else PACKAGE) / module
        if not file.is_file() or (name and name not in _names_in(file)):
            missing.append(f"{module} {name}".strip())
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_test_is_there(document: Path) -> None:
    missing = [
        f"{file}::{name}"
        for file, name in TEST.findall(document.read_text(encoding="utf-8"))
        if not (ROOT / file).is_file() or name.replace("::", ".") not in _names_in(ROOT / file)
    ]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    broken = []
    for file, anchor in LINK.findall(document.read_text(encoding="utf-8")):
        target = (document.parent / file).resolve() if file else document
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(f"{file}#{anchor}")
    assert broken == []


def test_the_page_of_the_article_names_code_and_test_for_the_article_s_rows() -> None:
    """The tables themselves would be gone unnoticed otherwise."""
    page = (ROOT / "docs" / "article.md").read_text(encoding="utf-8")
    assert len(TEST.findall(page)) >= 60
    assert len(list(_places(page))) >= 60


def test_every_assumption_says_its_evidence_and_its_probe() -> None:
    page = (ROOT / "docs" / "assumptions.md").read_text(encoding="utf-8")
    rows = {number: [cell.strip() for cell in cells.split(" | ")] for number, cells in ASSUMPTION.findall(page)}
    assert len(rows) >= 136
    wanting = []
    for number, cells in rows.items():
        evidence, probe = cells[-2:]
        strong = evidence.startswith("open") or re.search(r"\((live|prod|doc|code)\b", evidence)
        if len(cells) != 5 or not EVIDENCE.match(evidence) or not strong or probe in {"", "no", "no:"}:
            wanting.append(number)
    assert wanting == []


def test_every_assumption_has_a_probe_that_exists_or_says_why_not() -> None:
    page = (ROOT / "docs" / "assumptions.md").read_text(encoding="utf-8")
    rows = {number: cells.split(" | ")[-1].strip().rstrip("| ") for number, cells in ASSUMPTION.findall(page)}
    assert {number for number, probe in rows.items() if not probe.startswith("no: ")} == PROBES.keys()
    for probe in PROBES.values():
        module, _, name = probe.place.partition(" · ")
        assert (PACKAGE / module).is_file(), probe.place
        assert name in _names_in(PACKAGE / module), probe.place


def test_a_stranger_reads_the_readme_in_one_go() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8")) <= 8000
