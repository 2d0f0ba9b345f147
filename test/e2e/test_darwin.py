"""The echo backend for macOS, on Linux over raw sockets (docs/platforms.md): the same suite.

Each test that is imported here runs once more, with the role `darwin` in the connector's place.
"""

import pytest

from test_path import (  # noqa: F401  (collected by pytest, like the tests below)
    test_host_behind_routers_answers_with_their_hops_in_its_ttl,
    test_payload_comes_back_byte_for_byte,
    test_thousand_pings_come_back_with_the_path_in_their_ttl,
    test_traceroute_shows_edge_connector_and_origin,
    test_two_devices_with_one_echo_id_get_their_own_replies,
    test_two_echo_ids_to_one_host_do_not_mix,
)
from test_truth import (  # noqa: F401
    test_a_single_hop_tunnel_shows_nothing_behind_its_connector,
    test_mtr_loses_nothing_at_any_router,
    test_nobody_there_is_host_unreachable_from_the_connector,
    test_traceroute_shows_every_router_as_the_connectors_own_does,
    test_what_a_router_refuses_ping_says_in_its_name,
)
from world import V4, answers, received, wait_until


@pytest.fixture(scope="module")
def darwin_lab(fresh_lab):
    fresh_lab("stop", "connector")
    fresh_lab("start", "darwin")
    try:
        yield fresh_lab
    finally:
        fresh_lab("stop", "darwin")


@pytest.fixture
def lab(darwin_lab, family):
    wait_until(lambda: answers(darwin_lab, family.origin), 15, "the connector carries pings")
    return darwin_lab


def test_the_backend_is_the_one_for_macos_and_nothing_is_kept_of_its_rights(lab, family):
    assert "the code for macOS" in lab.log("darwin")
    status = lab.run("connector", "cat", f"/proc/{lab.pid('darwin')}/status").stdout
    rights = dict(line.split() for line in status.splitlines() if line.startswith("Cap"))
    # The bounding set gives nothing, and with no_new_privs nothing can be got from it.
    assert {rights[name] for name in ("CapInh:", "CapPrm:", "CapEff:", "CapAmb:")} == {"0" * 16}, status


def test_pings_of_the_connectors_own_host_are_not_taken_for_ours(lab, family):
    # Every ICMP message of the host comes to the backend's socket.
    name = 'oneping_packets_dropped_total{stage="ping_sockets",direction="to_client",reason="no_flow"}'
    before = lab.metrics("darwin").get(name, 0)
    arguments = ("ping", "-n", "-c", "300", "-i", "0.002", family.origin)
    pings = [lab.begin(host, *arguments) for host in ("device", "connector")]
    for ping in pings:
        output, _ = ping.communicate(timeout=60)
        assert received(output) == 300, output[-500:]
        assert "DUP!" not in output
    assert lab.metrics("darwin").get(name, 0) >= before + 300


def test_what_is_too_large_for_a_link_is_said_with_its_mtu(lab, family):
    lab.forget_mtus("device", "connector")
    tight = lab.run("device", "ping", "-n", "-c", "1", "-W", "1", "-M", "do", "-s", "1350", family.far)
    assert "1300" in tight.stdout, tight.stdout
    fits = lab.run("device", "ping", "-n", "-c", "1", "-W", "1", "-M", "do", "-s", "1200", family.far)
    assert received(fits.stdout) == 1, fits.stdout


@pytest.mark.parametrize("size", [3000, 20000])
def test_large_pings_come_back(lab, family, size):
    pings = lab.run("device", "ping", "-n", "-c", "5", "-i", "0.05", "-W", "2", "-s", size, family.origin)
    assert received(pings.stdout) == 5, pings.stdout
