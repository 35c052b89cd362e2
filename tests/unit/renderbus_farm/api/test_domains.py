"""The spellings of a farm's name that a client can have signed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderbus_farm.api.domains import Names
from renderbus_farm.api.headers import Proxies


@pytest.mark.parametrize(
    ("domain", "host", "public"),
    [
        ("farm.example:80", "farm.example", ()),
        ("farm.example:443", "farm.example", ()),
        ("farm.example", "farm.example", ()),
        ("[::1]:8800", "[::1]:8800", ()),
        ("[::1]:443", "[::1]", ()),
        ("render.studio", "10.0.0.7:8800", ("render.studio",)),
        ("render.studio:443", "10.0.0.7:8800", ("render.studio",)),
        ("render.studio:8443", "10.0.0.7:8800", ("render.studio:8443",)),
        ("render.studio", "10.0.0.7:8800", ("render.studio:8443",)),
        ("render.studio:8800", "10.0.0.7:8800", ("render.studio",)),
        ("Render.Studio", "render.studio", ("Render.Studio",)),
        ("studio.example/farm", "studio.example", ("studio.example/farm",)),
    ],
)
def test_a_name_may_be_spelt_in_any_way_that_leads_here(
    domain: str, host: str, public: tuple[str, ...]
) -> None:
    assert domain in list(Names(public).candidates(host))


def test_the_host_as_it_came_is_tried_first() -> None:
    assert next(iter(Names(("a", "b")).candidates("host:1", ["c"]))) == "host:1"


def test_below_a_path_the_domain_ends_in_it() -> None:
    names = Names(("studio.example",), prefix="/farm")
    found = list(names.candidates("10.0.0.7:8800", ["proxy.example"]))
    assert {"studio.example/farm", "10.0.0.7:8800/farm", "proxy.example/farm", "proxy.example:443/farm"} <= {
        *found
    }
    assert names.below_prefix("/farm/api/render/x") == names.below_prefix("/api/render/x") == "/api/render/x"
    assert names.below_prefix("/farmer/api") == "/farmer/api"


@given(st.text(max_size=30), st.lists(st.text(max_size=10), max_size=3), st.lists(st.text(), max_size=9))
def test_no_host_makes_many_spellings_or_one_twice(
    host: str, public: list[str], forwarded: list[str]
) -> None:
    found = list(Names(tuple(public), "/farm").candidates(host, forwarded))
    assert len(found) == len(set(found)) <= 60
    assert "" not in found


@pytest.mark.parametrize(
    ("trusted", "client", "believed"),
    [
        (("10.0.0.0/8",), ("10.1.2.3", 5000), True),
        (("127.0.0.1", "::1"), ("::1", 5000), True),
        (("10.0.0.0/8",), ("11.1.2.3", 5000), False),
        (("10.0.0.0/8",), ("::1", 5000), False),
        ((), ("127.0.0.1", 5000), False),
        (("10.0.0.0/8",), None, False),
        (("10.0.0.0/8",), ("", 0), False),
    ],
)
def test_only_a_trusted_proxy_is_believed(
    trusted: tuple[str, ...], client: tuple[str, int] | None, believed: bool
) -> None:
    hosts = Proxies(trusted).forwarded_hosts({"client": client}, {"X-Forwarded-Host": "a.example, b.example"})
    assert hosts == (("a.example", "b.example") if believed else ())
