"""`oneping why`: each thing that can be wrong on the way has its own verdict, and the right one."""

import contextlib
import json
import re

import pytest

import udp_servers
from world import HERE, V4, roles, wait_until

SERVICE = 8443


def why(lab, destination: str, *arguments: str) -> dict:
    done = lab.run("edge", "oneping", "why", destination, *arguments, "--json")
    assert done.returncode in (0, 1), done.stdout
    answer = json.loads(done.stdout)
    assert (done.returncode == 0) == answer["reachable"], done.stdout
    return answer


def with_port(address: str, port: str) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


@contextlib.contextmanager
def rules(lab, host: str, *lines: str):
    """Filter rules on a host, and none afterwards."""
    table = "inet why"
    for command in (f"add table {table}", *(line.format(table=table) for line in lines)):
        done = lab.run(host, "nft", command)
        assert done.returncode == 0, done.stdout
    try:
        yield
    finally:
        lab.run(host, "nft", f"delete table {table}")


# The causes: each a way to break the path, what `why` calls it, and a word of its sentence.


@contextlib.contextmanager
def connector_stopped(lab, family):
    lab("stop", "connector")
    yield family.origin


@contextlib.contextmanager
def no_route(lab, family):
    yield family.without_route


@contextlib.contextmanager
def policy_denies(lab, family):
    lab.api.post("/policies", {"name": "why-not", "to": [family.origin], "verdict": "deny"})
    try:
        yield family.origin
    finally:
        lab.api.do("DELETE", "/policies/why-not")


@contextlib.contextmanager
def origin_down(lab, family):
    """The kernel of the connector says so when it has asked for the neighbour in vain."""
    lab.run("switch", "ip", "link", "set", "pri-origin", "down")
    lab.run("connector", "ip", "neigh", "flush", "dev", "private")
    try:
        yield family.origin
    finally:
        lab.run("switch", "ip", "link", "set", "pri-origin", "up")


@contextlib.contextmanager
def origin_filters(lab, family):
    drop = "add rule {table} input %s type echo-request drop"
    with rules(
        lab,
        "origin",
        "add chain {table} input {{ type filter hook input priority 0 ; }}",
        drop % "icmp",
        drop % "icmpv6",
    ):
        yield family.origin


@contextlib.contextmanager
def ping_group_range_closed(lab, family):
    lab("stop", "connector")
    before = lab.ping_groups("1 0")
    try:
        lab("start", "connector")
        wait_until(lambda: lab.ready("connector").get("icmp") == "unavailable", 10, "it cannot ping")
        wait_until(lambda: lab.ready("connector").get("readyConnections"), 10, "it is connected")
        yield family.origin
    finally:
        lab.ping_groups(before)
        lab("stop", "connector")


@contextlib.contextmanager
def mtu_black_hole(lab, family):
    """The router before the narrow link keeps its own errors back."""
    with rules(
        lab,
        "r2",
        "add chain {table} output {{ type filter hook output priority 0 ; }}",
        "add rule {table} output icmp type destination-unreachable drop",
        "add rule {table} output icmpv6 type packet-too-big drop",
    ):
        yield family.far


@contextlib.contextmanager
def unknown_name(lab, family):
    yield "no-such-host.invalid"


CAUSES = [
    (connector_stopped, "connector_down", roles.TUNNEL),
    (no_route, "no_route", "No route"),
    (policy_denies, "policy_denied", "why-not"),
    (origin_down, "host_down", "connector"),
    (origin_filters, "echo_filtered", "is up, but does not answer pings"),
    (ping_group_range_closed, "icmp_unavailable", "ping_group_range"),
    (mtu_black_hole, "mtu_black_hole", "vanish without a word"),
    (unknown_name, "unknown_name", "no-such-host.invalid"),
]


@pytest.mark.parametrize("broken,cause,word", CAUSES, ids=[cause for _, cause, _ in CAUSES])
def test_each_cause_is_named(lab, family, broken, cause, word):
    with broken(lab, family) as destination:
        answer = why(lab, destination)
    assert answer["cause"] == cause, answer
    assert word in answer["verdict"], answer
    assert answer["fix"] and not answer["reachable"], answer
    for command in re.findall(r"oneping ([a-z]+(?: [a-z]+)?)", answer["fix"]):
        assert lab.run("edge", "oneping", *command.split(), "--help").returncode == 0, command
    assert answer["evidence"][-1]["outcome"] == "bad", answer


def test_a_revoked_device_is_named(lab, family):
    device = list(roles.DEVICES)[-1]
    lab("stop", device)  # one that is sent away does not ask again soon
    lab.api.post(f"/devices/{device}/revoke")
    try:
        answer = why(lab, family.origin, "--from", device)
    finally:
        lab.api.post(f"/devices/{device}/restore")
    assert answer["cause"] == "device_revoked", answer
    assert device in answer["verdict"], answer


def test_reachable_is_said_with_the_way_and_its_legs(lab, family):
    answer = why(lab, family.far)
    assert answer["cause"] == "reachable", answer
    roles_of_hops = [(hop["role"], hop["address"]) for hop in answer["hops"]]
    assert roles_of_hops == [
        ("edge", family.hop),
        ("connector", family.connector),
        *[("router", router) for router in family.routers],
        ("destination", family.far),
    ], answer
    size = next(entry for entry in answer["evidence"] if entry["check"] == "size")
    assert "1300 bytes" in size["detail"] and family.routers[-1] in size["detail"], answer
    assert answer["legs"]["edge_connector_ms"] > 0, answer
    said = lab.run("edge", "oneping", "why", family.far)
    assert said.stdout.startswith(f"{family.far} is reachable, "), said.stdout


def test_a_port_is_tried_too(lab, family):
    server = ("/usr/bin/python3", HERE / "tcp_server.py", family.origin, SERVICE)
    with udp_servers.running(lab, "origin", *server) as process:
        assert process.stdout.readline() == "ready\n"
        assert why(lab, with_port(family.origin, str(SERVICE)))["cause"] == "reachable"
        # A host that hides from pings is reachable all the same.
        with origin_filters(lab, family):
            hidden = why(lab, with_port(family.origin, str(SERVICE)))
        assert hidden["cause"] == "reachable", hidden
    assert why(lab, with_port(family.origin, str(SERVICE)))["cause"] == "port_closed"
    with rules(
        lab,
        "origin",
        "add chain {table} input {{ type filter hook input priority 0 ; }}",
        f"add rule {{table}} input tcp dport {SERVICE} drop",
    ):
        assert why(lab, with_port(family.origin, str(SERVICE)))["cause"] == "port_silent"


def test_a_udp_port_is_tried_too(lab, family, tmp_path):
    with udp_servers.dns(lab, tmp_path):
        answer = why(lab, with_port(family.origin, "53/udp"))
    assert answer["cause"] == "reachable" and "udp port 53" in answer["verdict"], answer
    assert why(lab, with_port(family.origin, "53/udp"))["cause"] == "port_closed"


def test_what_cannot_be_asked_is_an_error(lab):
    for arguments in (["--from", "nobody"], ["--vnet", "nowhere"]):
        done = lab.run("edge", "oneping", "why", V4.origin, *arguments)
        assert done.returncode == 2, done.stdout
