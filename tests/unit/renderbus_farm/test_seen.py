"""Used signatures: told apart from new ones, also after the farm has died."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.seen import CannotRemember, SeenSignatures

NOW = 1_600_000_000
WINDOW_S = 300


def signature(number: int) -> str:
    return base64.b64encode(hashlib.sha256(str(number).encode()).digest()).decode()


@contextmanager
def opened(folder: Path, now: float = NOW) -> Iterator[SeenSignatures]:
    with closing(SeenSignatures(folder / "seen", window_s=WINDOW_S, now=now)) as seen:
        yield seen


def test_a_signature_is_new_once(tmp_path: Path) -> None:
    with opened(tmp_path) as seen:
        assert [seen.first_use(signature(1), NOW, NOW) for _ in range(3)] == [True, False, False]
        assert seen.first_use(signature(2), NOW, NOW)


def test_of_many_uses_at_once_one_is_the_first(tmp_path: Path) -> None:
    with opened(tmp_path) as seen, ThreadPoolExecutor(8) as pool:
        first = list(pool.map(lambda _: seen.first_use(signature(1), NOW, NOW), range(200)))
    assert first.count(True) == 1


@pytest.mark.parametrize("signed_s", [-300, -1, 0, 1, 300])
def test_a_farm_that_was_killed_knows_what_it_had_heard(tmp_path: Path, signed_s: int) -> None:
    seen = SeenSignatures(tmp_path / "seen", window_s=WINDOW_S, now=NOW)
    assert seen.first_use(signature(1), NOW + signed_s, NOW)
    with opened(tmp_path, NOW) as later:  # the first was never closed
        assert not later.first_use(signature(1), NOW + signed_s, NOW)
        assert later.first_use(signature(2), NOW + signed_s, NOW)
    seen.close()


def test_what_the_window_lets_pass_is_known_through_every_change_of_files(tmp_path: Path) -> None:
    off = (-WINDOW_S, 0, WINDOW_S)
    heard = [(signature(n), NOW + n + ahead) for n in range(0, 1500, 50) for ahead in off]
    with opened(tmp_path) as seen:
        for text, signed in heard:
            seen.first_use(text, signed, max(signed - WINDOW_S, NOW))
    now = NOW + 1500
    with opened(tmp_path, now) as seen:
        for text, signed in heard:
            if now - WINDOW_S <= signed <= now + WINDOW_S:
                assert not seen.first_use(text, signed, now)


def test_what_is_out_of_date_takes_no_room(tmp_path: Path) -> None:
    with opened(tmp_path) as seen:
        for minute in range(0, 120):
            seen.first_use(signature(minute), NOW + minute * 60, NOW + minute * 60)
        assert len(list((tmp_path / "seen").iterdir())) <= 4


def test_a_clock_that_is_set_back_brings_nothing_back(tmp_path: Path) -> None:
    with opened(tmp_path) as seen:
        assert seen.first_use(signature(1), NOW, NOW)
        assert seen.first_use(signature(2), NOW + 1000, NOW + 1000)
        assert not seen.first_use(signature(1), NOW, NOW)


@given(torn=st.binary(max_size=15))
def test_a_record_that_was_cut_off_spoils_no_other(
    tmp_path_factory: pytest.TempPathFactory, torn: bytes
) -> None:
    folder = tmp_path_factory.mktemp("seen")
    with opened(folder) as seen:
        seen.first_use(signature(1), NOW, NOW)
    (journal,) = (folder / "seen").iterdir()
    with journal.open("ab") as file:
        file.write(torn)
    with opened(folder) as seen:
        assert not seen.first_use(signature(1), NOW, NOW)
        assert seen.first_use(signature(2), NOW, NOW)
    with opened(folder) as seen:
        assert not seen.first_use(signature(2), NOW, NOW)


def test_the_journal_is_for_the_farm_alone(tmp_path: Path) -> None:
    with opened(tmp_path) as seen:
        seen.first_use(signature(1), NOW, NOW)
    (journal,) = (tmp_path / "seen").iterdir()
    assert journal.stat().st_mode & 0o077 == 0
    assert signature(1) not in journal.read_bytes().decode("latin-1")


def test_a_record_that_is_written_in_part_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    with opened(tmp_path) as seen:
        with monkeypatch.context() as patched:
            patched.setattr("renderbus_farm.seen.os.write", lambda file, record: write(file, record[:5]))
            with pytest.raises(CannotRemember, match="No space") as refused:
                seen.first_use(signature(1), NOW, NOW)
        assert "disk is full" in refused.value.why
        assert seen.first_use(signature(1), NOW, NOW)
    with opened(tmp_path) as seen:
        assert not seen.first_use(signature(1), NOW, NOW)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "seen").write_text("in the way")
    with pytest.raises(CannotRemember), opened(tmp_path):
        pass
