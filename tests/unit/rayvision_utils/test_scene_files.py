"""Files that a scene names are found on disk, or told as missing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from rayvision_utils.disk import Asset
from rayvision_utils.documents import asset_document
from rayvision_utils.findings import file_findings, missing_text
from rayvision_utils.scene_files import SceneFiles, find_files, read_scene
from rayvision_utils.whereabouts import Habits
from renderbus_model.paths import farm_path
from renderbus_model.scene import DiskCache, Kind, Link, Reference, SceneFacts, Spread
from renderbus_scenes.blender import repath
from renderbus_scenes.errors import BadScene


def reference(path: str, spread: Spread = Spread.ONE, kind: Kind = Kind.TEXTURE, **more: object) -> Reference:
    return Reference("wood", "Image", "name", path, kind, spread=spread, **more)  # type: ignore[arg-type]  # of any field


def looked_for(folder: Path, *references: Reference) -> SceneFiles:
    """What is found for a scene in ``folder`` that names these."""
    links = tuple(Link("MAwood", each.path) for each in references if each.kind is Kind.LIBRARY)
    facts = SceneFacts("Blender", "5.0", references=references, links=links)
    return find_files(str(folder / "shot.blend"), facts, Habits())


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())


def found(files: SceneFiles, folder: Path) -> list[str]:
    return [str(Path(asset.local).relative_to(folder)) for asset in files.assets.values()]


def test_a_file_is_found_beside_the_scene_with_its_farm_path(tmp_path: Path) -> None:
    touch(tmp_path, "tex/wood.png")
    files = looked_for(
        tmp_path, reference("//tex/wood.png"), reference("//../" + tmp_path.name + "/tex/wood.png")
    )
    (asset,) = files.assets.values()
    assert asset.local == str(tmp_path / "tex/wood.png")
    assert asset.server == asset.local
    assert files.missing == []


def test_tiles_sequences_and_strips_give_every_file(tmp_path: Path) -> None:
    touch(tmp_path, "t.1001.png", "t.1002.png", "p_001.exr", "p_002.exr", "a.png", "b.png")
    files = looked_for(
        tmp_path,
        reference("//t.<UDIM>.png", Spread.TILES, tiles=(1001, 1002)),
        reference("//p_001.exr", Spread.SEQUENCE),
        reference("//a.png", Spread.SEQUENCE, Kind.IMAGE, names=("a.png", "b.png")),
    )
    assert found(files, tmp_path) == ["t.1001.png", "t.1002.png", "p_001.exr", "p_002.exr", "a.png", "b.png"]
    assert files.missing == []


def test_a_folder_gives_all_that_is_below_it_and_links_in_circles_end(tmp_path: Path) -> None:
    touch(tmp_path, "cache/1.bin", "cache/deep/2.bin")
    (tmp_path / "cache/deep/up").symlink_to(tmp_path / "cache")
    files = looked_for(tmp_path, reference("//cache", Spread.FOLDER, Kind.CACHE))
    assert found(files, tmp_path) == ["cache/1.bin", "cache/deep/2.bin"]


def test_a_simulation_kept_on_disk_is_found_by_the_name_of_the_scene(tmp_path: Path) -> None:
    touch(tmp_path, "blendcache_shot/66_000001_00.bphys", "blendcache_other/66_000001_00.bphys")
    facts = SceneFacts("Blender", "5.0", disk_caches=(DiskCache("flag", "Object", baked=True),))
    files = find_files(str(tmp_path / "shot.blend"), facts, Habits())
    assert found(files, tmp_path) == ["blendcache_shot/66_000001_00.bphys"]
    (lost,) = find_files(str(tmp_path / "lost.blend"), facts, Habits()).missing
    assert missing_text(lost).startswith("Object 'flag': '//blendcache_lost' is not there, or empty")
    live = SceneFacts("Blender", "5.0", disk_caches=(DiskCache("flag", "Object"),))
    assert find_files(str(tmp_path / "lost.blend"), live, Habits()).missing == []


@pytest.mark.parametrize(
    ("missing", "code", "said"),
    [
        (reference("//wood.png"), "10012", "Image 'wood': '//wood.png' is not there (looked for "),
        (reference("//t.<UDIM>.png", Spread.TILES), "10012", "no file matches"),
        (reference("//p_01.png", Spread.SEQUENCE), "10027", "no file matches"),
        (reference("//p_01.vdb", Spread.SEQUENCE, Kind.VOLUME), "10028", "no file matches"),
        (reference("//c.abc", kind=Kind.ALEMBIC), "10018", "is not there"),
        (reference("//l.blend", kind=Kind.LIBRARY), "10025", "is not there"),
        (reference("//cache", Spread.FOLDER, Kind.CACHE), "10025", "is not there, or empty"),
        (reference("D:/wood.png"), "10012", "is on drive D: of a Windows machine"),
        (reference("\\\\srv/wood.png"), "10012", "'\\\\srv/wood.png' is on a Windows file server"),
        (reference("//wo\nod.png"), "10012", "'//wo\\nod.png' is not there"),
        (reference("//"), "10012", "names a folder"),
    ],
)
def test_a_missing_file_is_told_with_the_data_block_that_names_it(
    tmp_path: Path, missing: Reference, code: str, said: str
) -> None:
    files = looked_for(tmp_path, missing)
    ((told, text),) = file_findings(files)
    assert told == code
    assert said in text
    assert files.assets == {}


def test_tiles_that_the_scene_lists_and_the_folder_lacks_are_named(tmp_path: Path) -> None:
    touch(tmp_path, "t.1001.png")
    files = looked_for(tmp_path, reference("//t.<UDIM>.png", Spread.TILES, tiles=(1001, 1002)))
    assert found(files, tmp_path) == ["t.1001.png"]
    assert "is not complete: tile 1002 not found" in missing_text(files.missing[0])


def test_pictures_that_a_strip_lists_and_the_folder_lacks_are_named(tmp_path: Path) -> None:
    touch(tmp_path, "a.png")
    names = ("a.png", *(f"{number}.png" for number in range(8)))
    files = looked_for(tmp_path, reference("//a.png", Spread.SEQUENCE, Kind.IMAGE, names=names))
    assert "0.png, 1.png, 2.png, 3.png, 4.png and 3 more not found" in files.missing[0].why


def test_a_name_that_differs_in_case_is_missing_and_pointed_out(tmp_path: Path) -> None:
    touch(tmp_path, "Wood.png")
    files = looked_for(tmp_path, reference("//wood.png"))
    assert "'Wood.png' is there, which differs in case" in files.missing[0].why


def test_a_path_that_no_farm_can_keep_is_told(tmp_path: Path) -> None:
    touch(tmp_path, "wo\nod.png")
    files = looked_for(tmp_path, reference("//wo\nod.png"))
    assert "no farm can keep" in files.missing[0].why
    assert files.assets == {}


def test_devices_and_folders_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "wood.png").mkdir()
    files = looked_for(tmp_path, reference("//wood.png"), reference("/dev/zero"))
    assert len(files.missing) == 2


def test_what_renders_without_a_folder_is_no_finding(tmp_path: Path) -> None:
    files = looked_for(tmp_path, reference("//cache", Spread.FOLDER, Kind.CACHE, optional=True))
    assert files.missing == []


def test_a_link_is_followed_for_reading_and_kept_by_its_name(tmp_path: Path) -> None:
    touch(tmp_path, "real/oak.png")
    (tmp_path / "wood.png").symlink_to("real/oak.png")
    (asset,) = looked_for(tmp_path, reference("//wood.png")).assets.values()
    assert asset.server == str(tmp_path / "wood.png")
    assert Path(asset.local).read_bytes() == b"real/oak.png"


def test_a_folder_is_listed_once_and_no_candidate_is_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "there.png")
    listed: list[str] = []
    looked_up: list[str] = []
    listdir, stat = os.listdir, os.stat

    def counting_listdir(path: str) -> list[str]:
        listed.append(path)
        return listdir(path)

    def counting_stat(path: str) -> os.stat_result:
        looked_up.append(path)
        return stat(path)

    monkeypatch.setattr("rayvision_utils.scene_files.os.listdir", counting_listdir)
    monkeypatch.setattr("rayvision_utils.scene_files.os.stat", counting_stat)
    wanted = [reference(f"//{number}.png") for number in range(100)]
    looked_for(tmp_path, *wanted, reference("//there.png"))
    assert listed == [str(tmp_path)]
    assert looked_up == [str(tmp_path / "there.png")]


def copied(scenes: Path, folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copy(scenes / name, folder / name)


def test_libraries_are_followed_through_circles_each_from_its_own_folder(
    scenes: Path, tmp_path: Path
) -> None:
    copied(scenes, tmp_path, "everything.blend")
    copied(scenes, tmp_path / "lib", "shed.blend", "nails.blend")
    touch(tmp_path, "lib/textures/wood.png", "textures/rust.png")
    scene = tmp_path / "everything.blend"
    moved = {b"//shed.blend": b"//lib/shed.blend"}
    scene.write_bytes(repath(scene.read_bytes(), lambda each: moved.get(each.path.encode())))
    files = find_files(str(scene), read_scene(str(scene)), Habits())
    assert set(files.libraries) == {str(tmp_path / "lib/shed.blend"), str(tmp_path / "lib/nails.blend")}
    assert str(tmp_path / "lib/textures/wood.png") in files.assets
    assert "paint" not in {each.reference.node for each in files.missing}  # nothing linked needs it
    (rust,) = [each for each in files.missing if each.reference.node == "rust"]
    assert rust.library == str(tmp_path / "lib/nails.blend")
    assert f"in library {rust.library}" in missing_text(rust)


def test_packed_copies_of_linked_data_look_beside_their_library(scenes: Path, tmp_path: Path) -> None:
    copied(scenes, tmp_path, "packed_links.blend")
    touch(tmp_path, "lib/textures/wood.png")
    scene = str(tmp_path / "packed_links.blend")
    files = find_files(scene, read_scene(scene), Habits())
    assert found(files, tmp_path) == ["lib/textures/wood.png"]
    assert files.missing == []  # the library itself is not there, and nothing is linked from it


def test_a_library_that_links_back_to_the_scene_is_no_second_copy(scenes: Path, tmp_path: Path) -> None:
    copied(scenes, tmp_path, "shed.blend", "nails.blend")
    scene = str(tmp_path / "shed.blend")
    files = find_files(scene, read_scene(scene), Habits())
    assert found(files, tmp_path) == ["nails.blend"]


def test_a_library_that_cannot_be_read_is_told_and_still_uploaded(scenes: Path, tmp_path: Path) -> None:
    copied(scenes, tmp_path, "shed.blend")
    touch(tmp_path, "nails.blend")
    scene = str(tmp_path / "shed.blend")
    files = find_files(scene, read_scene(scene), Habits())
    assert found(files, tmp_path) == ["nails.blend"]
    assert any("cannot be read: is a text file" in each.why for each in files.missing)


def test_a_file_with_an_impossible_time_is_listed_all_the_same() -> None:
    asset = Asset("/show/a.png", farm_path("/show/a.png"), 1e18)
    document = asset_document(SceneFiles(assets={asset.server: asset}))
    assert document["asset"] == ["/show/a.png  (1000000000000000000)"]


def test_a_scene_that_is_no_ordinary_file_is_refused() -> None:
    with pytest.raises(BadScene, match="no ordinary file"):
        read_scene("/dev/null")


def test_a_large_scene_is_mapped_and_reads_the_same(
    scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = tmp_path / "raw.blend"
    raw.write_bytes(repath((scenes / "everything.blend").read_bytes(), lambda _: None))
    whole = read_scene(str(raw))
    monkeypatch.setattr("rayvision_utils.scene_files.MAPPED_FROM_BYTES", 1)
    assert read_scene(str(raw)) == whole
    raw.write_bytes(raw.read_bytes()[:-100])
    with pytest.raises(BadScene):
        read_scene(str(raw))


@pytest.mark.parametrize(
    ("path", "habits", "asked"),
    [
        ("D:/show/tex/wood.png", {"mapping": {"D:": "moved"}}, "/D/show/tex/wood.png"),
        ("//../lost/tex/wood.png", {"search": ["moved/show/tex"]}, "{parent}/lost/tex/wood.png"),
        ("//tex/wood.png", {"search": ["moved/show"]}, "{here}/tex/wood.png"),
        ("\\\\files\\show\\tex\\wood.png", {"search": ["moved/show/tex"]}, "/files/show/tex/wood.png"),
    ],
)
def test_a_file_found_elsewhere_is_kept_where_the_scene_asks_for_it(
    tmp_path: Path, path: str, habits: dict[str, Any], asked: str
) -> None:
    touch(tmp_path, "moved/show/tex/wood.png")
    mapping = {begin: str(tmp_path / to) for begin, to in habits.get("mapping", {}).items()}
    search = [str(tmp_path / each) for each in habits.get("search", [])]
    scene = tmp_path / "here" / "shot.blend"
    facts = SceneFacts("Blender", "5.0", references=(reference(path),))
    files = find_files(str(scene), facts, Habits(False, mapping, search))
    assert found(files, tmp_path) == ["moved/show/tex/wood.png"]
    assert files.missing == []
    wanted = asked.format(parent=farm_path(str(tmp_path)), here=farm_path(str(scene.parent)))
    assert list(files.assets) == [wanted]
    assert files.looked_up[0].how


def test_tiles_and_folders_are_found_elsewhere_too(tmp_path: Path) -> None:
    touch(tmp_path, "moved/t.1001.png", "moved/t.1002.png", "moved/cache/a/1.vdb")
    scene = str(tmp_path / "here" / "shot.blend")
    tiles = reference("//t.<UDIM>.png", Spread.TILES)
    caches = reference("//cache", Spread.FOLDER, Kind.CACHE)
    facts = SceneFacts("Blender", "5.0", references=(tiles, caches))
    files = find_files(scene, facts, Habits(search=[str(tmp_path / "moved")]))
    here = farm_path(str(tmp_path / "here"))
    assert set(files.assets) == {f"{here}/{name}" for name in ("t.1001.png", "t.1002.png", "cache/a/1.vdb")}


def test_a_file_that_is_nowhere_stays_missing_with_its_first_reason(tmp_path: Path) -> None:
    scene = str(tmp_path / "shot.blend")
    facts = SceneFacts("Blender", "5.0", references=(reference("D:/tex/wood.png"),))
    (lost,) = find_files(scene, facts, Habits(mapping={"D:": str(tmp_path)}, search=[str(tmp_path)])).missing
    assert "drive D:" in lost.why
