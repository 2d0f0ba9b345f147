"""What stock tools say when something on the way is missing."""

import re

from world import hops_of, wait_until


def ping_once(lab, address):
    return lab.run("edge", "ping", "-n", "-c", "1", "-W", "1", address).stdout


def silence(text):
    return text.replace("unreachables: tell", "unreachables: silent")


def is_error_from(output, address, words):
    return re.search(rf"From {re.escape(address)}:? icmp_seq=1 {re.escape(words)}", output)


def test_stopped_connector_is_host_unreachable_from_the_edge(lab, family):
    lab("stop", "connector")
    output = ping_once(lab, family.origin)
    assert is_error_from(output, family.hop, family.host_unreachable), output


def test_missing_route_is_net_unreachable_from_the_edge(lab, family):
    output = ping_once(lab, family.without_route)
    assert is_error_from(output, family.hop, family.net_unreachable), output


def test_silent_edge_answers_with_stars(lab, family):
    lab.configure_edge(silence)
    lab("stop", "connector")
    lab("reload", "edge")
    wait_until(
        lambda: "From" not in ping_once(lab, family.without_route), 5, "the edge has gone silent"
    )
    assert "From" not in ping_once(lab, family.origin)
    trace = lab.run("edge", "traceroute", "-I", "-n", "-q", "1", "-w", "1", "-m", "3", family.origin)
    assert hops_of(trace.stdout)[1:] == ["*", "*"], trace.stdout


def test_origin_down_leaves_the_hops_before_it(lab, family):
    lab.run("switch", "ip", "link", "set", "pri-origin", "down")
    try:
        arguments = ("-I", "-n", "-q", "3", "-w", "1,0,0", "-m", "3")
        trace = lab.run("edge", "traceroute", *arguments, family.origin)
        assert hops_of(trace.stdout) == [family.hop, family.connector, "*"], trace.stdout
    finally:
        lab.run("switch", "ip", "link", "set", "pri-origin", "up")


def test_closed_ping_group_range_is_said_and_shown(lab, family):
    key = "net.ipv4.ping_group_range"
    opened = lab.run("connector", "sysctl", "-n", key).stdout.split()
    lab("stop", "connector")
    said_before = len(lab.log("connector"))
    lab.run("connector", "sysctl", "-q", "-w", f"{key}=1 0")
    try:
        lab("start", "connector")
        ready = wait_until(lambda: lab.ready("connector"), 10, "the connector answers /ready")
        assert ready["icmp"] == "unavailable"
        output = wait_until(
            lambda: is_error_from(ping_once(lab, family.origin), family.connector, family.prohibited),
            10,
            "echo requests are answered as prohibited by the connector",
        )
        assert output
        said = [line for line in lab.log("connector")[said_before:].splitlines() if key in line]
        assert said and "sysctl" in "\n".join(said), lab.log("connector")[said_before:]
        assert "unavailable" in lab.run("connector", "oneping", "ready", "--json").stdout
    finally:
        lab.run("connector", "sysctl", "-q", "-w", f"{key}={' '.join(opened)}")
        lab("stop", "connector")
