"""From a path that stands for many files, and what a folder lists, to the files."""

from __future__ import annotations

import pytest

from renderbus_model.scene import Spread
from renderbus_scenes.sequences import Listing


@pytest.mark.parametrize(
    ("name", "spread", "there", "found"),
    [
        ("a.png", Spread.ONE, "a.png A.png a.png.bak", "a.png"),
        ("a.png", Spread.ONE, "A.png", ""),
        (
            "w.<UDIM>.tif",
            Spread.TILES,
            "w.1001.tif w.1012.tif w.1000.tif w.10010.tif",
            "w.1001.tif w.1012.tif",
        ),
        ("w.<udim>.tif", Spread.TILES, "w.9999.tif", "w.9999.tif"),
        ("w_<UVTILE>.tif", Spread.TILES, "w_u1_v1.tif w_u9_v2.tif w_1001.tif", "w_u1_v1.tif w_u9_v2.tif"),
        ("w.1001.tif", Spread.TILES, "w.1001.tif w.1002.tif w.0003.tif", "w.1001.tif w.1002.tif"),
        ("p_####.exr", Spread.SEQUENCE, "p_0001.exr p_12345.exr p_001.exr", "p_0001.exr p_12345.exr"),
        ("p_%04d.exr", Spread.SEQUENCE, "p_0001.exr p_001.exr", "p_0001.exr"),
        ("p2_007.exr", Spread.SEQUENCE, "p2_008.exr p3_008.exr p2_x.exr", "p2_008.exr"),
        ("smoke.vdb", Spread.SEQUENCE, "smoke.vdb smoke1.vdb", "smoke.vdb"),
        ("[1].*.png", Spread.SEQUENCE, "[2].*.png 1xx.png", "[2].*.png"),
        ("p_0001.exr", Spread.SEQUENCE, "", ""),
        ("s.$F4.bgeo.sc", Spread.SEQUENCE, "s.0001.bgeo.sc s.12.bgeo.sc", "s.0001.bgeo.sc"),
        ("s.${F}.geo", Spread.SEQUENCE, "s.1.geo s.x.geo", "s.1.geo"),
        ("s.$SF.$FF", Spread.SEQUENCE, "s.1.2 s.1", "s.1.2"),
        ("s.$FILM.1.exr", Spread.SEQUENCE, "s.$FILM.2.exr s.2.1.exr", "s.$FILM.2.exr"),
        ("s.$SLICE.$F.geo", Spread.SEQUENCE, "s.0.1.geo s.11.2.geo s.1.geo", "s.0.1.geo s.11.2.geo"),
        ("s.`@wedgeindex`.$F4.jpg", Spread.SEQUENCE, "s.a.0001.jpg s.b.1.jpg", "s.a.0001.jpg"),
        ("p.$4F.tif", Spread.SEQUENCE, "p.0001.tif p.1.tif", "p.0001.tif"),
        ("p.{frame:04d}.tif", Spread.SEQUENCE, "p.0001.tif p.1.tif", "p.0001.tif"),
        ("p.<f4>.tif", Spread.SEQUENCE, "p.0001.tif p.1.tif", "p.0001.tif"),
        ("w.%(UDIM)d.#.tif", Spread.TILES, "w.1001.1.tif w.1.1.tif", "w.1001.1.tif"),
    ],
)
def test_a_path_stands_for_those_files(name: str, spread: Spread, there: str, found: str) -> None:
    assert [match.found for match in Listing(there.split()).matching(name, spread)] == found.split()


def test_where_case_does_not_matter_a_file_is_found_and_named_as_the_scene_asks_for_it() -> None:
    listing = Listing(["WOOD.1001.PNG", "Wood.1002.png", "OAK.PNG"])
    tiles = listing.matching("wood.<UDIM>.png", Spread.TILES, ignore_case=True)
    assert [(each.found, each.asked) for each in tiles] == [
        ("WOOD.1001.PNG", "wood.1001.png"),
        ("Wood.1002.png", "wood.1002.png"),
    ]
    (oak,) = listing.matching("oak.png", ignore_case=True)
    assert (oak.found, oak.asked) == ("OAK.PNG", "oak.png")


def test_a_name_that_differs_in_case_only_is_pointed_out() -> None:
    listing = Listing(["Wood.png", "wood.png.bak"])
    assert listing.differing_in_case("wood.png") == "Wood.png"
    assert listing.differing_in_case("Wood.png") == ""
    assert listing.differing_in_case("oak.png") == ""
