"""Tunnels as an administrator sees them: status, replicas, tokens, and changes under a ping."""

import json
import threading
import time

import pytest

from world import V4, V6, answers, received, roles, wait_until


def tunnel(lab, name=roles.TUNNEL):
    return lab.api.get(f"/tunnels/{name}")


def status(lab):
    return tunnel(lab)["status"]


def wait_for_status(lab, wanted, seconds):
    wait_until(lambda: status(lab) == wanted, seconds, f"the tunnel is {wanted}")


def block(lab, host, what):
    """Drops what the host sends by one family, as a broken network would."""
    lab.run(host, "nft", "add", "table", "inet", "e2e")
    lab.run(host, "nft", "add", "chain", "inet", "e2e", "out",
            "{ type filter hook output priority 0; }")  # fmt: skip
    done = lab.run(host, "nft", "add", "rule", "inet", "e2e", "out", *what.split(), "drop")
    assert done.returncode == 0, done.stdout


def unblock(lab, host):
    lab.run(host, "nft", "delete", "table", "inet", "e2e")


def test_status_follows_the_connections(lab):
    lab.api.post("/tunnels", {"name": "never"})
    try:
        assert tunnel(lab, "never")["status"] == "inactive"
    finally:
        lab.api.do("DELETE", "/tunnels/never")

    wait_for_status(lab, "healthy", 10)
    block(lab, "connector", "meta nfproto ipv6 udp dport 7844")
    try:
        wait_for_status(lab, "degraded", 2.5)
        wait_until(lambda: answers(lab, "172.16.10.120"), 2, "a ping goes by what is left")
    finally:
        unblock(lab, "connector")
    wait_for_status(lab, "healthy", 30)

    lab("kill", "connector")
    wait_for_status(lab, "down", 2.5)
    lab("start", "connector")
    wait_for_status(lab, "healthy", 10)
    lab("stop", "connector")
    wait_for_status(lab, "down", 1)


def test_status_remembers_over_a_restart_of_the_edge(lab):
    wait_for_status(lab, "healthy", 10)
    lab("stop", "connector")
    wait_for_status(lab, "down", 2.5)
    lab("stop", "edge")
    lab("start", "edge")
    assert status(lab) == "down", "it has been connected, before this edge started"


def test_list_and_info_show_what_matters(lab):
    wait_for_status(lab, "healthy", 10)
    listed = lab.run("edge", "oneping", "tunnel", "list")
    assert listed.returncode == 0, listed.stdout
    assert "healthy" in listed.stdout and roles.TUNNEL in listed.stdout

    connectors = tunnel(lab)["connector_list"]
    assert len(connectors) == 1 and len(connectors[0]["connections"]) == 4, connectors
    assert connectors[0]["wanted"] == 4
    assert connectors[0]["icmp"]["ipv4"] == connectors[0]["icmp"]["ipv6"] == "available"
    for connection in connectors[0]["connections"]:
        assert connection["state"] == "ready" and connection["datagram"] == "v3", connection
        assert connection["mtu"] >= 1280 and connection["rtt_ms"] > 0 and connection["loss"] == 0
    shown = lab.run("edge", "oneping", "tunnel", "info", roles.TUNNEL).stdout
    for connection in connectors[0]["connections"]:
        assert connection["peer"] in shown, shown


def test_a_closed_ping_group_range_is_told(lab):
    lab("stop", "connector")
    before = lab.ping_groups("1 0")
    try:
        lab("start", "connector")
        wait_for_status(lab, "healthy", 10)
        icmp = tunnel(lab)["connector_list"][0]["icmp"]
        assert icmp["ipv4"] == icmp["ipv6"] == "unavailable", icmp
        assert "ping_group_range" in icmp["reason"], icmp
        assert "ping_group_range" in lab.run("edge", "oneping", "tunnel", "info", roles.TUNNEL).stdout
    finally:
        lab.ping_groups(before)
        lab("stop", "connector")


class RouteChurn(threading.Thread):
    """Adds and deletes routes that the ping does not need, a hundred times a second."""

    def __init__(self, lab):
        super().__init__()
        self._api, self._done = lab.new_api(), threading.Event()
        self.changes, self.error = 0, None

    def run(self):
        try:
            begun = time.monotonic()
            while not self._done.is_set():
                made = self._api.post("/routes", {"prefix": f"10.{self.changes % 200}.77.0/24",
                                                  "tunnel": roles.TUNNEL})  # fmt: skip
                self._api.do("DELETE", f"/routes/{made['id']}")
                self.changes += 2
                time.sleep(max(0.0, begun + self.changes / 100 - time.monotonic()))
        except BaseException as error:  # shown by the test
            self.error = error

    def stop(self):
        self._done.set()
        self.join(30)


def test_route_changes_lose_no_ping_of_others(lab, family):
    churn = RouteChurn(lab)
    churn.start()
    try:
        ping = lab.run("edge", "ping", "-n", "-q", "-i", "0.002", "-c", "2000", family.origin)
    finally:
        churn.stop()
    assert churn.error is None, churn.error
    assert received(ping.stdout) == 2000, ping.stdout
    assert churn.changes > 100, churn.changes


def test_a_change_is_in_force_when_it_is_answered(lab, family):
    lab.api.get("/status")
    found = lab.api.get(f"/routes?prefix={family.far_prefix}")["items"][0]
    ping = ("ping", "-n", "-c", "1", "-W", "1", family.far)
    try:
        lab.api.do("DELETE", f"/routes/{found['id']}")
        # The edge's host routes it no longer into the TUN; by force it gets there, and no further.
        lab.run("edge", "ip", "route", "replace", family.far_prefix, "dev", "oneping0")
        assert family.net_unreachable in lab.run("edge", *ping).stdout
    finally:
        lab.run("edge", "ip", "route", "del", family.far_prefix, "dev", "oneping0")
        lab.api.post("/routes", {"prefix": family.far_prefix, "tunnel": roles.TUNNEL})
    assert lab.run("edge", *ping).returncode == 0


@pytest.fixture
def replicas(lab):
    """Both connectors serve the tunnel."""
    lab("start", "connector2")
    wait_until(lambda: len(tunnel(lab)["connector_list"]) == 2, 10, "two connectors")
    wait_for_status(lab, "healthy", 10)
    yield ("connector", "connector2")
    lab("start", "connector")
    wait_for_status(lab, "healthy", 15)


def carrier(lab, replicas, address):
    """The replica whose echo proxy a ping's flow uses, by a traceroute's second hop."""

    def sent(role):
        samples = lab.metrics(role)
        return sum(v for s, v in samples.items() if s.startswith("oneping_packets_received_total"))

    before = {role: sent(role) for role in replicas}
    time.sleep(0.5)
    return max(replicas, key=lambda role: sent(role) - before[role])


def ping_while(lab, address, action, seconds=3.0, interval=0.005):
    """Runs a ping, and in the middle of it the action; how many were lost."""
    count = int(seconds / interval)
    ping = lab.begin("edge", "ping", "-n", "-q", "-i", interval, "-c", count, "-W", "1", address)
    action()
    output, _ = ping.communicate(timeout=60)
    return count - received(output)


def test_graceful_stop_of_a_replica_loses_no_ping(lab, replicas, family):
    lost = ping_while(lab, family.origin,
                      lambda: lab("stop", carrier(lab, replicas, family.origin)))  # fmt: skip
    assert lost == 0


def test_kill_of_a_replica_loses_less_than_a_second(lab, replicas, family):
    lost = ping_while(lab, family.origin,
                      lambda: lab("kill", carrier(lab, replicas, family.origin)))  # fmt: skip
    assert lost < 200, f"{lost} pings of 5 ms each"


def test_rotated_token_ends_the_old_one(lab, tmp_path):
    wait_for_status(lab, "healthy", 10)
    old = roles.TOKEN.read_text()
    try:
        done = lab.run("edge", "oneping", "tunnel", "rotate", roles.TUNNEL, "--grace", "1h",
                       "--out", tmp_path / "graceful")  # fmt: skip
        assert done.returncode == 0, done.stdout
        assert status(lab) == "healthy", "the old token is good for an hour"
        assert old.strip() not in lab.log("edge") + done.stdout

        done = lab.run("edge", "oneping", "tunnel", "rotate", roles.TUNNEL, "--out", tmp_path / "new")
        assert done.returncode == 0, done.stdout
        wait_for_status(lab, "down", 1)
    finally:
        roles.TOKEN.write_text((tmp_path / "new").read_text())
        lab("stop", "connector")
    lab("start", "connector")
    wait_for_status(lab, "healthy", 10)


def test_no_token_is_shown_twice(lab):
    refused = lab.run("edge", "oneping", "tunnel", "token", roles.TUNNEL)
    assert refused.returncode == 1 and "rotate" in refused.stdout, refused.stdout


@pytest.fixture
def blue(lab):
    """A second virtual network, which the edge's TUN is in; the edge as it was afterwards."""

    def start_with(edit):
        lab("stop", "edge")
        lab.configure_edge(edit)
        lab("start", "edge")

    lab.api.post("/vnets", {"name": "blue"})
    lab.api.post("/tunnels", {"name": "blue"})
    start_with(lambda text: text.replace("user: alice", "user: alice\n  vnet: blue"))
    yield "blue"
    start_with(lambda text: text)
    lab.api.do("DELETE", "/tunnels/blue?force=true")
    lab.api.do("DELETE", "/vnets/blue")


def test_two_networks_hold_the_same_prefix(lab, blue):
    for family in (V4, V6):
        route = {"prefix": family.far_prefix, "tunnel": blue, "vnet": blue}
        lab.api.post("/routes", route)
        for vnet, leads_to in ((blue, blue), ("default", roles.TUNNEL)):
            found = lab.api.get(f"/routes/lookup?address={family.far}&vnet={vnet}")
            assert found["tunnel"] == leads_to
        ping = lab.run("edge", "ping", "-n", "-c", "1", "-W", "1", family.far)
        assert family.host_unreachable in ping.stdout, "nobody serves the blue tunnel"


def test_backup_while_it_runs(lab, tmp_path):
    copy = tmp_path / "copy.db"
    done = lab.run("edge", "oneping", "edge", "backup", copy)
    assert done.returncode == 0, done.stdout
    assert copy.stat().st_mode & 0o077 == 0
    import sqlite3

    store = sqlite3.connect(copy)
    assert store.execute("pragma integrity_check").fetchone() == ("ok",)
    assert store.execute("select count(*) from routes").fetchone() == (len(roles.ROUTES),)
    refused = lab.run("edge", "oneping", "edge", "backup", copy)
    assert refused.returncode != 0, "a file that is there is not overwritten"


def test_events_are_told(lab):
    wait_for_status(lab, "healthy", 10)
    events = lab.begin("edge", "oneping", "events", "-o", "json")
    try:
        time.sleep(0.5)
        lab.api.post("/users", {"name": "eve"})
        lab.api.do("DELETE", "/users/eve")
        lab("stop", "connector")
        told = []
        while "tunnel.down" not in told:
            told.append(json.loads(events.stdout.readline())["event"])
    finally:
        events.terminate()
        events.wait(10)
    assert told[:2] == ["user.create", "user.delete"], told
