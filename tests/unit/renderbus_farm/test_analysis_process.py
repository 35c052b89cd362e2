"""Scenes read by real processes under real limits, as a farm has them read."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from renderbus_farm.blobs.local import LocalBlobs
from renderbus_farm.blobs.local_packs import LocalPacks
from renderbus_farm.executors.analyser import AnalysisOrder
from renderbus_farm.executors.analysis_process import AnalysisLimits, LocalAnalyser
from renderbus_farm.executors.limited import Limits, limited
from renderbus_farm.processes import FOLDER, marked
from renderbus_farm.renderers.confine import landlock_version
from renderbus_farm.rules.analysis import Wanted
from renderbus_model.paths import FarmPath
from renderbus_model.pieces import Digest, FileEntry, Manifest, digest_of
from renderbus_model.scene_analysis import AnalysisAnswer
from renderbus_model.software import Application

DATA = Path(__file__).parents[2] / "data"
MAYA_HEAD = '//Maya ASCII 2022 scene\nrequires maya "2022";\n'
CAMERA = 'createNode camera -n "eyeShape";\nsetAttr ".rnd" yes;\n'
NOWHERE = Wanted("", "2022", {}, "")


def texture(path: str, node: str = "wood") -> str:
    return f'createNode file -n "{node}";\nsetAttr ".ftn" -type "string" "{path}";\n'


def maya(*statements: str) -> bytes:
    return (MAYA_HEAD + CAMERA + "".join(statements) + "// End of scene.ma\n").encode()


def bomb() -> bytes:
    """A packed scene of 1 MB that unpacks to more than a gigabyte."""
    one = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = one.compress(bytes(1 << 20)) + one.flush()
    head = zlib.compressobj(9, zlib.DEFLATED, 31)
    return head.compress(b"BLENDER-v405" + bytes(1 << 10)) + head.flush() + zeros * 1200


def deep_project() -> bytes:
    head = b"#Isotropix_Serial_Version 1.2\n\n#Isotropix_Clarisse_Version 5\n"
    return head + b'Context "a" {\n' * 100_000


class Place:
    """Blobs, and analysers beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "analyses"
        self.blobs = LocalBlobs(folder / "blobs")
        self.changed = threading.Event()

    @contextmanager
    def analyser(self, time_s: float = 60.0, ram_gb: float = 2.0) -> Iterator[LocalAnalyser]:
        limits = AnalysisLimits(time_s, ram_gb)
        analyser = LocalAnalyser(
            self.folder, self.blobs, LocalPacks(self.folder / "packs"), limits, 2, self.changed, "a farm"
        )
        try:
            yield analyser
        finally:
            analyser.close()

    def put(self, content: bytes) -> Digest:
        digest = digest_of(content)
        self.blobs.put(digest, io.BytesIO(content))
        return digest

    def order(
        self,
        files: Mapping[str, bytes],
        task_id: int = 1,
        application: Application = Application.MAYA,
        wanted: Wanted = NOWHERE,
    ) -> AnalysisOrder:
        """To analyse the first of these files."""
        entries = [FileEntry(FarmPath(path), self.put(data), len(data)) for path, data in files.items()]
        inputs = self.put(Manifest.of(entries).encode())
        return AnalysisOrder(task_id, int(application), entries[0].path, inputs, wanted)

    def answers(self, analyser: LocalAnalyser, number: int = 1) -> dict[int, AnalysisAnswer]:
        found: dict[int, AnalysisAnswer] = {}
        deadline = time.monotonic() + 60
        while len(found) < number:
            assert self.changed.wait(max(0.0, deadline - time.monotonic())), "no answer"
            self.changed.clear()
            found |= analyser.drain()
        return found

    def analysed(self, files: Mapping[str, bytes], **more: Any) -> AnalysisAnswer:
        """What one analysis finds; its folder and its process are gone then."""
        limits = {name: more.pop(name) for name in ("time_s", "ram_gb") if name in more}
        with self.analyser(**limits) as analyser:
            analyser.begin(self.order(files, **more))
            assert analyser.running() == {1}
            answer = self.answers(analyser)[1]
            assert analyser.running() == set()
        assert list(self.folder.iterdir()) == []
        assert not self.processes()
        return answer

    def processes(self) -> list[int]:
        return list(marked({FOLDER: str(self.folder)}))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def assets(answer: AnalysisAnswer) -> list[str]:
    return [text.partition("  (")[0] for text in json.loads(bytes(answer.asset))["asset"]]


@pytest.mark.parametrize(
    ("path", "application", "key"),
    [
        ("blender/everything.blend", Application.BLENDER, "Other/ViewLayer"),
        ("houdini/sphere.hip", Application.HOUDINI, "rop_node"),
        ("clarisse/kubix_demo.project", Application.CLARISSE, "image_node"),
        ("maya/made_up_64.mb", Application.MAYA, "defaultRenderLayer"),
    ],
)
def test_scenes_of_every_application_are_analysed(
    place: Place, path: str, application: Application, key: str
) -> None:
    answer = place.analysed({"/D/shots/scene": (DATA / path).read_bytes()}, application=application)
    assert answer.why == ""
    assert key in json.loads(bytes(answer.scene_info))
    assert str(place.folder) not in msgspec.json.encode(answer).decode()


def test_files_are_found_where_a_node_would_show_them_whatever_machine_named_them(place: Place) -> None:
    names = [
        "D:\\\\Show\\\\tex\\\\Wood.png",  # a drive, and another case than the file was uploaded with
        "//server/share/tex/oak.png",
        "/home/ada/tex/elm.png",
        "tex/ash.png",
    ]
    stored = [
        "/D/Show/tex/wood.png",
        "/server/share/tex/oak.png",
        "/home/ada/tex/elm.png",
        "/D/Show/tex/ash.png",
    ]
    scene = maya(*(texture(name, f"t{number}") for number, name in enumerate(names)))
    answer = place.analysed({"/D/Show/scene.ma": scene, **dict.fromkeys(stored, b"pixels")})
    assert sorted(assets(answer)) == sorted(stored)
    assert "10012" not in answer.tips


def test_nothing_of_the_farms_own_disk_is_seen(place: Place, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"pixels")
    (place.folder.parent / "workspace.mel").write_text("")
    names = [str(secret), "/etc/passwd", "../../../../../../../../etc/hostname", "$PATH/a.png"]
    scene = maya(*(texture(name, f"t{number}") for number, name in enumerate(names)))
    answer = place.analysed({"/D/scene.ma": scene})
    assert assets(answer) == []
    assert len(answer.tips["10012"]) == 3
    assert len(answer.tips["60034"]) == 1
    assert str(place.folder) not in msgspec.json.encode(answer).decode()


def test_references_are_followed_among_the_uploaded_files(place: Place) -> None:
    reference = 'file -r -ns "car" -rfn "carRN" "D:/Show/car.ma";\n'
    files = {
        "/D/Show/scene.ma": maya(reference),
        "/D/Show/car.ma": maya(texture("D:/Show/tex/red.png")),
        "/D/Show/tex/red.png": b"pixels",
    }
    assert assets(place.analysed(files)) == ["/D/Show/car.ma", "/D/Show/tex/red.png"]


def test_the_project_that_task_json_names_is_where_maya_looks(place: Place) -> None:
    files = {"/D/x/scene.ma": maya(texture("wood.png")), "/D/Film/sourceimages/wood.png": b"pixels"}
    wanted = Wanted("Maya", "2022", {}, "/D/Film")
    assert assets(place.analysed(files, wanted=wanted)) == ["/D/Film/sourceimages/wood.png"]


@pytest.mark.parametrize(
    ("content", "application", "words"),
    [
        (b"PK\3\4", Application.MAYA, "is a zip archive"),
        (b"", Application.MAYA, "is empty"),
        (maya(), Application.BLENDER, "is a scene of Maya"),
        (deep_project(), Application.CLARISSE, "more than 512 blocks"),
    ],
)
def test_what_is_no_scene_says_so(place: Place, content: bytes, application: Application, words: str) -> None:
    answer = place.analysed({"/scene": content}, application=application)
    assert words in answer.why
    assert answer.tips in ({}, {"15002": [answer.why]})


def test_a_scene_that_needs_too_much_memory_ends_by_its_limit(place: Place) -> None:
    answer = place.analysed({"/scene.blend": bomb()}, application=Application.BLENDER, ram_gb=0.15)
    assert "more memory than this farm allows" in answer.why
    assert "submit a task.json that has scene_info" in answer.why


def test_a_scene_that_takes_too_long_ends_by_its_limit(place: Place) -> None:
    answer = place.analysed({"/scene.blend": bomb()}, application=Application.BLENDER, time_s=0.4)
    assert "takes longer than 0.4 s" in answer.why


def test_a_file_that_the_farm_lost_is_told(place: Place) -> None:
    order = place.order({"/scene.ma": maya()})
    place.blobs.delete({digest_of(maya())})
    with place.analyser() as analyser:
        analyser.begin(order)
        assert "is not stored; upload the files" in place.answers(analyser)[1].why


def test_two_are_read_at_once_and_one_of_them_can_be_given_up(place: Place) -> None:
    with place.analyser() as analyser:
        analyser.begin(place.order({"/scene.blend": bomb()}, 1, Application.BLENDER))
        analyser.begin(place.order({"/scene.ma": maya()}, 2))
        analyser.give_up(1)
        assert set(place.answers(analyser)) == {2}
        analyser.begin(place.order({"/scene.ma": maya()}, 1))
        assert place.answers(analyser)[1].why == ""
        analyser.give_up(7)


def test_closing_ends_what_is_read(place: Place) -> None:
    with place.analyser() as analyser:
        analyser.begin(place.order({"/scene.blend": bomb()}, 1, Application.BLENDER))
        analyser.close()
        assert not place.processes()
        assert list(place.folder.iterdir()) == []


TRIES = """
import os, resource, sys
def tried(what, *arguments):
    try:
        what(*arguments)
        return "done"
    except (OSError, MemoryError) as error:
        return type(error).__name__
readable, writable, secret = sys.argv[1:]
print(tried(open, secret), tried(open, readable + "/new", "w"), tried(open, writable + "/new", "w"))
print(tried(bytearray, 400 << 20), os.nice(0) >= 10, resource.getrlimit(resource.RLIMIT_CPU)[1])
"""


def test_a_limited_program_keeps_its_limits(tmp_path: Path) -> None:
    for name in ("read", "write"):
        (tmp_path / name).mkdir()
    secret = tmp_path / "secret"
    secret.write_text("key")
    folders = (str(tmp_path / "read"), str(tmp_path / "write"))
    limits = Limits(200 << 20, 7, 1 << 20, folders[:1], folders[1:])
    command = limited((sys.executable, "-I", "-c", TRIES, *folders, str(secret)), limits)
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    denied = "PermissionError" if landlock_version() else "done"
    assert ended.stdout.split() == [denied, denied, "done", "MemoryError", "True", "7"]
