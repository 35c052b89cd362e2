"""The house is tidy: what README promises is there, and no file speaks of the machine it was written on."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted(path.parent for path in (ROOT / "src").glob("*/__init__.py"))
NOT_OURS = re.compile(r"\..*|__pycache__|dist|build|.*\.egg-info|demo-output")
"""Names at the top of the tree that are made, not written."""

LARGEST_DEMO_FILE_BYTES = 1_500_000
LARGEST_MODULE_LINES = 400


def text_files() -> Iterator[tuple[Path, str]]:
    """Every text file of the repository, by its path from the root."""
    tops = [path for path in ROOT.iterdir() if path.name == ".ci" or not NOT_OURS.fullmatch(path.name)]
    below = [found for top in tops for found in (top.rglob("*") if top.is_dir() else [top])]
    for path in below:
        if path.is_file() and "__pycache__" not in path.parts:
            content = path.read_bytes()
            if b"\0" not in content:
                yield path.relative_to(ROOT), content.decode("utf-8", "replace")


def naming(pattern: str) -> list[str]:
    """Each line that matches, as ``file:line``."""
    wanted = re.compile(pattern)
    return [
        f"{path}:{number}"
        for path, text in text_files()
        for number, line in enumerate(text.splitlines(), start=1)
        if wanted.search(line)
    ]


def test_the_readme_names_both_commands_and_the_makefile_has_them() -> None:
    readme, makefile = (ROOT / "README.md").read_text("utf-8"), (ROOT / "Makefile").read_text("utf-8")
    for target in ("demo", "test"):
        assert f"make {target}" in readme
        assert re.search(rf"^{target}:", makefile, re.M)


def test_every_picture_and_file_that_a_document_links_to_is_there() -> None:
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    documents += (ROOT / "examples").rglob("*.md")
    lacking = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents
        for target in re.findall(r"\]\(([^)#\s]+)", document.read_text("utf-8"))
        if "://" not in target and not (document.parent / target).exists()
    ]
    assert lacking == []


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    # A checkout directly below the root has too common a name to search for.
    ours = [str(path) for path in (ROOT, ROOT.parent / "shared", Path(sys.prefix)) if len(path.parts) > 2]
    assert naming("|".join(re.escape(path) + r"(?![\w-])" for path in ours)) == []


def test_no_file_names_the_host_of_a_package_index() -> None:
    assert naming(r"pypi[.]org|pythonhosted[.]org") == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_a_package_tells_type_checkers_that_it_is_typed(package: Path) -> None:
    assert (package / "py.typed").is_file()


def test_packages_keep_to_the_order_of_the_architecture() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_grows_past_one_subject() -> None:
    code = [path for folder in ("src", "benchmarks", "examples") for path in (ROOT / folder).rglob("*.py")]
    lines = {path.relative_to(ROOT): len(path.read_text("utf-8").splitlines()) for path in code}
    assert {path: count for path, count in lines.items() if count > LARGEST_MODULE_LINES} == {}


def test_the_demo_is_small_enough_to_clone() -> None:
    sizes = {path.name: path.stat().st_size for path in (ROOT / "examples" / "demo").rglob("*.*")}
    assert "demo.blend" in sizes
    assert {name: size for name, size in sizes.items() if size > LARGEST_DEMO_FILE_BYTES} == {}


def test_the_changelog_speaks_of_this_version() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)
    newest = re.search(r"^## \[?v?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert version is not None
    assert newest is not None
    assert newest[1] == version[1]
