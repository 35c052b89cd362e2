"""What published clients ask before they start their own transmitter."""

from __future__ import annotations

import pytest

from renderbus_farm.rules.transmitters import address, config, server


@pytest.mark.parametrize(
    ("public_names", "host", "expected"),
    [
        ([], "127.0.0.1:8800", ("127.0.0.1", 8800)),
        ([], "farm.example", ("farm.example", 443)),
        ([], "[::1]:8800", ("::1", 8800)),
        (["render.example:8443", "other"], "10.0.0.7:8800", ("render.example", 8443)),
        ([], "", ("localhost", 443)),
        ([], "farm.example:99999", ("localhost", 443)),
        ([], "evil host/../", ("localhost", 443)),
    ],
)
def test_the_farm_is_where_the_client_reached_it(
    public_names: list[str], host: str, expected: tuple[str, int]
) -> None:
    assert address(public_names, host) == expected


def test_an_engine_named_aspera_has_a_default_line_to_the_farm() -> None:
    (engine,) = config("farm.example", 8800).resq_engines
    line = next(line for line in engine.resp_task_engine_lines if line.is_default)
    assert (engine.engine_name, line.server, line.port) == ("Aspera", "farm.example", 8800)


def test_every_address_of_the_server_is_the_farms() -> None:
    told = server("farm.example", 8800).raysync_transfer
    assert {told.server_ip, told.proxy_ip} == {"farm.example"}
    assert {told.server_port, told.proxy_port, told.ssl_port, told.port} == {8800}
