"""The healthy path: what ping, traceroute and mtr show of it on a device."""

import json

import pytest

from world import HERE, answers, hops_of, received, wait_until


def test_traceroute_shows_edge_connector_and_origin(lab, family):
    # By default traceroute gives a probe up after three times the round trip of its neighbours,
    # which here is microseconds: -w turns that off.
    trace = lab.run("device", "traceroute", "-I", "-n", "-q", "3", "-w", "5,0,0", family.origin)
    assert hops_of(trace.stdout) == family.hops, trace.stdout


def test_mtr_loses_nothing_at_any_hop(lab, family):
    report = lab.run("device", "mtr", "-r", "-n", "-c", "10", "--json", family.origin)
    hubs = json.loads(report.stdout)["report"]["hubs"]
    assert [(hub["host"], hub["Loss%"]) for hub in hubs] == [(hop, 0.0) for hop in family.hops]


def test_thousand_pings_come_back_with_the_path_in_their_ttl(lab, family):
    ping = lab.run("device", "ping", "-n", "-c", "1000", "-i", "0.002", family.origin)
    assert received(ping.stdout) == 1000, ping.stdout[-500:]
    assert ping.stdout.count("ttl=62") == 1000
    assert "DUP!" not in ping.stdout


def test_two_devices_with_one_echo_id_get_their_own_replies(lab, family):
    arguments = ("ping", "-n", "-e", "7", "-c", "1000", "-i", "0.002", family.origin)
    pings = [lab.begin(host, *arguments) for host in ("device", "device2")]
    for ping in pings:
        output, _ = ping.communicate(timeout=60)
        assert received(output) == 1000, output[-500:]
        assert "DUP!" not in output


def test_two_echo_ids_to_one_host_do_not_mix(lab, family):
    arguments = ("ping", "-n", "-c", "500", "-i", "0.002", "-e")
    pings = [lab.begin("device", *arguments, echo_id, family.origin) for echo_id in ("7", "8")]
    for ping in pings:
        output, _ = ping.communicate(timeout=60)
        assert received(output) == 500, output[-500:]
        assert "DUP!" not in output


@pytest.mark.parametrize("size", [0, 1, 56, 1000, 1232])
def test_payload_comes_back_byte_for_byte(lab, family, size):
    # A connection carries its largest packets once path MTU discovery is through.
    large = ("ping", "-n", "-c", "1", "-W", "0.3", "-s", "1232", family.origin)
    wait_until(lambda: lab.run("device", *large).returncode == 0, 10, "1232 bytes go through")
    check = lab.run("device", "/usr/bin/python3", HERE / "echo_check.py", family.origin, size, 50)
    assert check.returncode == 0, check.stdout


def test_host_behind_routers_answers_with_their_hops_in_its_ttl(lab, family):
    assert answers(lab, family.origin, "device")
    ping = lab.run("device", "ping", "-n", "-c", "3", "-i", "0.2", family.far)
    assert ping.stdout.count("ttl=60") == 3, ping.stdout
