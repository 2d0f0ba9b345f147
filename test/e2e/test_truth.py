"""The path behind the connector: every router shows, and what it says arrives."""

import json
import re

from world import hops_of, received, roles, wait_until


def errors_of(ping: str) -> list[tuple[str, str]]:
    """Who said what, in ping's output."""
    return re.findall(r"From ([\da-f:.]+?):? icmp_seq=\d+ (.+?)$", ping, re.M)


def test_traceroute_shows_every_router_as_the_connectors_own_does(lab, family):
    arguments = ("traceroute", "-I", "-n", "-q", "3", "-w", "5,0,0", family.far)
    here = hops_of(lab.run("edge", *arguments).stdout)
    there = hops_of(lab.run("connector", *arguments).stdout)
    assert there == [*family.routers, family.far], there
    assert here == [family.hop, family.connector, *there], here


def test_mtr_loses_nothing_at_any_router(lab, family):
    report = lab.run("edge", "mtr", "-r", "-n", "-c", "20", "-i", "0.1", "--json", family.far)
    hubs = json.loads(report.stdout)["report"]["hubs"]
    path = [family.hop, family.connector, *family.routers, family.far]
    assert [(hub["host"], hub["Loss%"]) for hub in hubs] == [(hop, 0.0) for hop in path]


def test_what_a_router_refuses_ping_says_in_its_name(lab, family):
    for address, words in family.refused_by_r1.items():
        ping = lab.run("edge", "ping", "-n", "-c", "2", "-i", "0.2", "-W", "1", address).stdout
        assert errors_of(ping) == [(family.routers[0], words)] * 2, ping


def test_nobody_there_is_host_unreachable_from_the_connector(lab, family):
    # The kernel asks for a neighbour for three seconds.
    ping = lab.run("edge", "ping", "-n", "-c", "1", "-W", "5", family.nobody).stdout
    assert errors_of(ping) == [(family.connector, family.host_unreachable)], ping


def test_the_connectors_own_address_answers_as_a_routers_does(lab, family):
    ping = lab.run("device", "ping", "-n", "-c", "20", "-i", "0.01", family.connector)
    assert received(ping.stdout) == 20, ping.stdout
    trace = lab.run("device", "traceroute", "-I", "-n", "-w", "5,0,0", family.connector).stdout
    assert hops_of(trace) == [family.hop, family.connector], trace
    closed = lab.run("device", "traceroute", "-n", "-w", "5,0,0", family.connector).stdout
    assert hops_of(closed) == [family.hop, family.connector], closed
    why = lab.run("edge", "oneping", "why", family.connector, "--from", "device", "--json").stdout
    assert json.loads(why)["reachable"], why


def test_a_single_hop_tunnel_shows_nothing_behind_its_connector(lab, family):
    # As in the post: the edge, the connector, the destination.
    def set_path(mode):
        done = lab.run("edge", "oneping", "tunnel", "update", roles.TUNNEL, "--path", mode)
        assert done.returncode == 0, done.stdout

    def trace():
        arguments = ("-I", "-n", "-q", "1", "-w", "1,0,0", "-m", "8")
        return hops_of(lab.run("edge", "traceroute", *arguments, family.far).stdout)

    hidden = [family.hop, family.connector, family.far]
    set_path("single-hop")
    try:
        wait_until(lambda: trace() == hidden, 5, "the routers are hidden")
        for address in family.refused_by_r1:
            ping = lab.run("edge", "ping", "-n", "-c", "1", "-W", "0.5", address).stdout
            assert errors_of(ping) == [], ping
    finally:
        set_path("full")
    whole = [family.hop, family.connector, *family.routers, family.far]
    wait_until(lambda: trace() == whole, 5, "the routers show again")
