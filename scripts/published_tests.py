"""Run the unit tests that ship inside the published packages against ours; tell which do not pass, and why.

    .venv/bin/python scripts/published_tests.py

The published wheels come from the package index that pip is set up for; only their tests are taken out.
Tests run in a folder of their own that goes away afterwards, with the plug-ins they need installed beside it.
docs/compatibility.md lists each test that is known not to pass with the reason. The status is 0 when exactly
those do not pass.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
LISTED = ROOT / "docs" / "compatibility.md"
PUBLISHED = ("rayvision_api==1.1.5", "rayvision_api==2.2.0", "rayvision_utils==1.1.0", "rayvision_log==1.2.0")
PLUGINS = ("pytest-mock==3.15.1", "requests-mock==1.12.1")
ROW = re.compile(r"^\| (?P<package>\w+ [\d.]+) \| `(?P<test>test_\w+\.py::[^`]+)` \| (?P<why>.+) \|$", re.M)
WITHIN_S = 300


@dataclass(frozen=True)
class Outcome:
    """One test: ``name`` is ``file::function``, ``failure`` what went wrong, in one line, or ""."""

    package: str
    name: str
    failure: str

    def is_meant_by(self, test: str) -> bool:
        """Whether a row of the document speaks of it; one without parameters speaks of all of them."""
        return test in (self.name, self.name.partition("[")[0])


def main() -> int:
    """Run everything; the status says whether the document tells the truth."""
    with tempfile.TemporaryDirectory(prefix="published-tests-") as folder:
        outcomes = list(_run_all(Path(folder)))
    rows = [(row["package"], row["test"], row["why"]) for row in ROW.finditer(LISTED.read_text("utf-8"))]
    _tell(outcomes, rows)
    unlisted = [each for each in outcomes if each.failure and not _reason(each, rows)]
    passing = [
        (package, test)
        for package, test, _ in rows
        if not any(each.failure and each.package == package and each.is_meant_by(test) for each in outcomes)
    ]
    for each in unlisted:
        print(f"not in {LISTED.name}: {each.package} {each.name}: {each.failure}")
    for package, test in passing:
        print(f"passes, though {LISTED.name} lists it: {package} {test}")
    return 1 if unlisted or passing or not outcomes else 0


def _run_all(folder: Path) -> Iterator[Outcome]:
    plugins = folder / "plugins"
    _pip("install", "--no-deps", "--target", str(plugins), *PLUGINS)
    for published in PUBLISHED:
        package = published.replace("==", " ")
        here = folder / package.replace(" ", "-")
        _pip("download", "--no-deps", "--only-binary", ":all:", "--dest", str(here / "wheel"), published)
        (wheel,) = (here / "wheel").iterdir()
        tests = _tests_of(wheel, here)
        yield from _run(package, tests, plugins, here)


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", *arguments]
    subprocess.run(command, check=True, timeout=WITHIN_S)


def _tests_of(wheel: Path, folder: Path) -> Path:
    """The wheel's tests without the package around them, which would hide ours."""
    with zipfile.ZipFile(wheel) as archive:
        inside = [name for name in archive.namelist() if re.match(r"\w+/tests/", name)]
        archive.extractall(folder / "unpacked", inside)
    (tests,) = (folder / "unpacked").glob("*/tests")
    return tests.rename(folder / "tests")


def _run(package: str, tests: Path, plugins: Path, folder: Path) -> Iterator[Outcome]:
    (folder / "pytest.ini").write_text("[pytest]\n")  # none of our settings
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib"]
    done = subprocess.run(
        [*command, "-c", str(folder / "pytest.ini"), f"--junitxml={report}", str(tests)],
        cwd=folder,  # the tests make folders where they stand
        env={
            **os.environ,
            "PYTHONPATH": str(plugins),
            "HOME": str(folder),
            "RAYVISION_LOG_ROOT": str(folder / "logs"),
        },
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    if not report.exists():  # nothing could be imported
        said = (done.stdout + done.stderr).strip().splitlines()
        yield Outcome(package, "all of its tests", said[-1] if said else f"status {done.returncode}")
        return
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314  (pytest wrote it just now)
        problem = next((found for found in case if found.tag in ("failure", "error")), None)
        message = "" if problem is None else problem.get("message", "") or "failed"
        file = case.get("classname", "").rpartition(".")[2]
        yield Outcome(package, f"{file}.py::{case.get('name', '')}", message.strip().partition("\n")[0])


def _reason(outcome: Outcome, rows: list[tuple[str, str, str]]) -> str:
    return next(
        (why for package, test, why in rows if package == outcome.package and outcome.is_meant_by(test)), ""
    )


def _tell(outcomes: list[Outcome], rows: list[tuple[str, str, str]]) -> None:
    for package in dict.fromkeys(each.package for each in outcomes):
        its = [each for each in outcomes if each.package == package]
        failed = [each for each in its if each.failure]
        print(f"{package}: {len(its) - len(failed)} passed, {len(failed)} failed")
        for each in failed:
            print(f"  {each.name}: {_reason(each, rows) or each.failure}")


if __name__ == "__main__":
    sys.exit(main())
