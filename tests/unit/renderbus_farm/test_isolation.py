from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.rules.isolation import Isolation, isolation_path
from renderbus_farm.rules.limits import gpu_count_of, ram_gb_of
from renderbus_farm.rules.refusals import BadValue


@given(st.integers(0, 10**20))
def test_a_path_has_three_groups_that_spell_the_id(number: int) -> None:
    groups = isolation_path(str(number)).split("/")
    assert [len(group) for group in groups[1:]] == [3, 3]
    assert len(groups[0]) >= 3
    assert int("".join(groups)) == number


def test_the_published_examples_come_out() -> None:
    assert Isolation.of(12345, "TASK_ID_MODEL", None) == Isolation("000/012/345")
    asked = Isolation.of(1, "OUT_USER_MODEL", "11223344556677")
    assert asked == Isolation("11223344/556/677", "11223344556677")
    assert Isolation.of(1, None, "7") == Isolation("", "7")
    assert Isolation.of(1, "", None) == Isolation()


@pytest.mark.parametrize(
    ("model", "user"),
    [
        ("ANY_MODEL", None),
        ("OUT_USER_MODEL", None),
        ("OUT_USER_MODEL", " "),
        ("OUT_USER_MODEL", "../../etc"),
        ("OUT_USER_MODEL", "٣٤"),
        ("TASK_ID_MODEL", "1" * 31),
    ],
)
def test_what_cannot_become_a_folder_is_refused(model: str, user: str | None) -> None:
    with pytest.raises(BadValue):
        Isolation.of(1, model, user)


@pytest.mark.parametrize(
    ("text", "expected"), [("64GB", 64), (" 128 gb", 128), ("32", 32), ("62.5G", 62), ("", 0), (None, 0)]
)
def test_sizes_of_memory_are_read_as_people_write_them(text: str | None, expected: int) -> None:
    assert ram_gb_of(text) == expected


@pytest.mark.parametrize("text", ["much", "-1", "64TB", "1e9"])
def test_what_is_no_size_or_number_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        ram_gb_of(text)
    with pytest.raises(BadValue):
        gpu_count_of(text)
