"""Processes that go and come back: how long the path is gone."""

import signal
import time

from world import answers, outage_after, wait_until

INTERVAL = 0.05


def test_connector_started_again_serves_within_two_seconds(lab, family):
    lab("stop", "connector")
    started = time.monotonic()
    lab("start", "connector")
    wait_until(lambda: answers(lab, family.origin), 10, "the origin answers again")
    assert time.monotonic() - started < 2


def test_killed_connector_is_replaced_within_two_seconds(lab, family):
    ping = lab.begin("edge", "ping", "-n", "-D", "-i", INTERVAL, family.origin)
    try:
        time.sleep(0.5)
        lab("kill", "connector")
        time.sleep(0.5)
        restart = time.time()
        lab("start", "connector")
        # Long enough to see any loss after the first reply, and the old connections' end.
        time.sleep(8)
    finally:
        ping.send_signal(signal.SIGINT)
    output, _ = ping.communicate(timeout=10)
    assert outage_after(output, restart) < 2, output


def test_connectors_find_a_killed_edge_again_by_themselves(lab, family):
    lab("start", "connector2")
    connectors = ("connector", "connector2")
    wait_until(lambda: lab.ready("connector2").get("readyConnections"), 10, "connector2 is ready")
    before = [lab.pid(role) for role in connectors]
    all_connections = [lab.ready(role)["readyConnections"] for role in connectors]

    lab("kill", "edge")
    lab("start", "edge")
    wait_until(
        lambda: [lab.ready(role).get("readyConnections") for role in connectors] == all_connections,
        30,
        "both connectors have all their connections again",
    )
    wait_until(lambda: answers(lab, family.origin), 10, "the origin answers again")
    assert [lab.pid(role) for role in connectors] == before
