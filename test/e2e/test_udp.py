"""UDP through the tunnel: real servers, real tools, and whose answer is whose."""

import json
import re
import time

import pytest

import udp_servers
from world import HERE, hops_of, roles, wait_until

PEER = HERE / "udp_peer.py"
ECHO_PORT = 7000


def peer(lab, host: str, *arguments) -> dict:
    done = lab.run(host, "/usr/bin/python3", PEER, *arguments)
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout)


@pytest.fixture
def echo(lab, family):
    """Echoes on a thousand ports of the origin."""
    arguments = ("/usr/bin/python3", PEER, "echo", family.origin, ECHO_PORT, ECHO_PORT + 999)
    with udp_servers.running(lab, "origin", *arguments) as server:
        assert server.stdout.readline() == "ready\n"
        yield


def test_ten_thousand_dns_queries_lose_none(lab, family, tmp_path):
    with udp_servers.dns(lab, tmp_path) as queries:
        assert udp_servers.dig(lab, "edge", family.origin) == "10.1.0.7"
        command = ("dnsperf", "-s", family.origin, "-d", queries, "-n", 10, "-c", 8, "-q", 200)
        report = lab.run("edge", *command).stdout
    number = lambda what: float(re.search(rf"{what}:\s+([\d.]+)", report)[1])  # noqa: E731
    assert number("Queries sent") == 10000, report
    assert number("Queries lost") == 0, report
    print(f"{number('Queries per second'):.0f} queries a second")


def test_the_time_can_be_asked(lab, family, tmp_path):
    with udp_servers.ntp(lab, tmp_path):
        server = f"server {family.origin} iburst maxsamples 1"
        done = lab.run("edge", "chronyd", "-Q", "-t", "5", "-u", "root", server)
    wrong_by = re.search(r"System clock wrong by (-?[\d.]+) seconds", done.stdout)
    assert wrong_by and abs(float(wrong_by[1])) < 0.01, done.stdout


def test_a_steady_stream_passes_each_way(lab, family):
    with (
        udp_servers.beside_the_tunnel(lab, family.origin),
        udp_servers.running(lab, "origin", "iperf3", "-s"),
    ):
        client = ("iperf3", "-u", "-c", family.origin, "-b", "20M", "-l", 1200, "-t", 1, "-J")
        time.sleep(0.2)
        for direction in ([], ["-R"]):
            report = json.loads(lab.run("edge", *client, *direction).stdout)
            assert "error" not in report, report["error"]
            total = report["end"]["sum"]
            assert total["bits_per_second"] > 19e6, total
            assert total["lost_percent"] < 0.1, total


def test_a_traceroute_without_options_shows_every_hop(lab, family):
    path = [family.hop, family.connector, *family.routers, family.far]
    done = lab.run("edge", "traceroute", "-n", "-q", "1", "-w", "2,0,0", family.far)
    assert hops_of(done.stdout) == path, done.stdout


def test_tracepath_shows_every_hop_and_the_mtu(lab, family):
    done = lab.run("edge", "tracepath", "-n", family.far).stdout
    path = [family.hop, family.connector, *family.routers, family.far]
    shown = re.findall(r"^ ?\d+: +([\da-f:.]+) ", done, re.MULTILINE)
    assert list(dict.fromkeys(shown)) == path, done
    assert re.search(r"Resume: pmtu \d+ hops 5 back 5", done), done


# With both ports fixed all is one flow, and mtr knows its probes by their checksums.
@pytest.mark.parametrize("ports", [(), ("-P", "33434", "-L", "40000")], ids=["ports", "one-flow"])
def test_mtr_by_udp_loses_nothing_at_any_hop(lab, family, ports):
    if ports and family.name == "ipv6":
        pytest.skip("mtr 0.95 shows nothing then, without a tunnel either")
    options = ("-u", "-r", "-n", "-c", "10", "-i", "0.1", "-G", "1", "--json")
    report = lab.run("edge", "mtr", *options, *ports, family.far)
    hubs = json.loads(report.stdout)["report"]["hubs"]
    path = [family.hop, family.connector, *family.routers, family.far]
    assert [(hub["host"], hub["Loss%"]) for hub in hubs] == [(hop, 0.0) for hop in path]


def test_a_closed_port_refuses_at_once(lab, family):
    answer = peer(lab, "edge", "refused", family.origin, 9)
    assert answer["error"] == "ConnectionRefusedError", answer
    assert answer["ms"] < 2000, answer
    begin = time.monotonic()
    lab.run("edge", "sh", "-c", f"echo | nc -u -w 9 {family.origin} 9")
    assert time.monotonic() - begin < 3, "nc gives up when it hears, not when its time is up"


def test_clients_with_one_port_get_each_his_own(lab, family, echo):
    count = 100_000
    result = peer(lab, "edge", "cross", family.origin, ECHO_PORT, count, *family.sources)
    assert result == {"answered": count, "wrong": 0}


def test_one_socket_hears_a_thousand_ends_apart(lab, family, echo):
    before = lab.metrics("connector")["oneping_udp_mappings_opened_total"]
    result = peer(lab, "edge", "many", family.origin, ECHO_PORT, ECHO_PORT + 999)
    assert result == {"right": 1000, "wrong": 0}
    after = lab.metrics("connector")["oneping_udp_mappings_opened_total"]
    assert after == before + 1, "one mapping, whatever it talks to (RFC 4787, REQ-1)"


def test_a_killed_connector_costs_a_moment(lab, family, echo):
    lab("start", "connector2")
    wait_until(lambda: lab.ready("connector2").get("readyConnections") == 4, 10, "it is ready")
    # As many sources as make sure that the one that dies has some of them.
    asking = [
        lab.begin("edge", "/usr/bin/python3", PEER, "ask", family.origin, ECHO_PORT, 3)
        for _ in range(4)
    ]
    time.sleep(0.8)
    lab("kill", "connector")
    results = [json.loads(process.communicate(timeout=20)[0]) for process in asking]
    for result in results:
        assert result["silence"] < 2, results
        assert result["answered"] > result["asked"] - 200, results


def test_policies_speak_of_ports(lab, family, echo):
    def told(*command):
        done = lab.run("edge", "oneping", "policy", *command)
        assert done.returncode == 0, done.stdout

    told("add", "no-echo", "--deny", "--to", family.origin, "--udp", "--port", str(ECHO_PORT))
    try:
        wait_until(
            lambda: peer(lab, "edge", "refused", family.origin, ECHO_PORT)["error"] != "none",
            5,
            "the port is refused",
        )
        assert peer(lab, "edge", "refused", family.origin, ECHO_PORT + 1)["error"] == "none"
    finally:
        told("delete", "no-echo")


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_sessions_carry_it_where_packets_may_not_go(lab, family, echo, version):
    """As towards connectors of other software."""
    lab("stop", "connector")
    options = ("--udp-carry", "sessions", "--datagram", version)
    process = lab.begin("connector", *roles.ROLES["connector"].argv, *options)
    try:
        wait_until(lambda: lab.ready("connector").get("readyConnections") == 4, 10, "it is ready")
        result = peer(lab, "edge", "many", family.origin, ECHO_PORT, ECHO_PORT + 199)
        assert result == {"right": 200, "wrong": 0}
        assert lab.metrics("connector")["oneping_udp_mappings"] == 200
    finally:
        process.terminate()
        process.communicate(timeout=10)
