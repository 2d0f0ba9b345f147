"""Service manners: refusals in one line, draining, reloading, no privilege."""

import base64
import json
import os
import signal
import subprocess

import pytest

from world import ROOT, answers, received, roles, wait_until


@pytest.fixture
def edge_file(lab, tmp_path):
    """An edge configuration of its own that a test may spoil; takes nothing from the lab's edge."""
    path = tmp_path / "edge.yml"
    path.write_text(roles.EDGE_YAML.replace(str(roles.STATE / "edge-state"), str(tmp_path / "state")))
    return path


def run_edge(lab, host, path):
    return lab.run(host, "oneping", "edge", "run", "--config", path)


def line_of(path, text):
    return path.read_text().splitlines().index(text) + 1


def spoil(path, before, after):
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def assert_one_line(done, *words):
    assert done.returncode == 2, done.stdout
    assert len(done.stdout.splitlines()) == 1, done.stdout
    for word in words:
        assert word in done.stdout, done.stdout


def test_unknown_key_names_the_line_and_the_nearest_key(lab, edge_file):
    spoil(edge_file, "unreachables:", "unreachable:")
    line = line_of(edge_file, "unreachable: tell")
    assert_one_line(run_edge(lab, "device", edge_file), f"{edge_file}:{line}", "unreachables")


def test_bad_yaml_names_the_line(lab, edge_file):
    spoil(edge_file, "name: lab\nhop", "name: [lab\nhop")
    assert_one_line(run_edge(lab, "device", edge_file), f"{edge_file}:")


def test_wrong_value_names_the_line(lab, edge_file):
    spoil(edge_file, "mtu: 1500", "mtu: large")
    line = line_of(edge_file, "  mtu: large")
    assert_one_line(run_edge(lab, "device", edge_file), f"{edge_file}:{line}", "mtu")


def test_missing_file_is_named(lab, tmp_path):
    assert_one_line(run_edge(lab, "device", tmp_path / "absent.yml"), str(tmp_path / "absent.yml"))


def test_unreadable_file_is_named(lab):
    # A folder is a file that nobody can read, root neither.
    assert_one_line(run_edge(lab, "device", ROOT / "test"), str(ROOT / "test"))


def test_port_in_use_is_named(lab, edge_file):
    spoil(edge_file, "oneping0", "oneping1")
    spoil(edge_file, "127.0.0.1:9790", "127.0.0.1:9799")
    assert_one_line(run_edge(lab, "edge", edge_file), f"{edge_file}:", "192.0.2.1:7844", "in use")


def test_wrong_token_ends_the_connector_and_the_edge_says_who(lab, tmp_path):
    token = json.loads(base64.b64decode(roles.TOKEN.read_text()))
    token["s"] = base64.b64encode(bytes(32)).decode()
    wrong = tmp_path / "token"
    wrong.write_text(base64.b64encode(json.dumps(token).encode()).decode())
    wrong.chmod(0o600)
    said_before = len(lab.log("edge"))

    done = lab.run(
        "connector2", "oneping", "connector", "run", "--token-file", wrong,
        "--edge", "198.51.100.1:7844", "--log-level", "error",
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    assert len(done.stdout.splitlines()) == 1, done.stdout
    assert "token" in done.stdout
    said = lab.log("edge")[said_before:]
    assert "198.51.100.3" in said and token["t"] in said, said
    assert token["s"] not in said + done.stdout


def test_sigterm_drains_and_ends_with_zero(lab):
    lab("stop", "connector")
    said_before = len(lab.log("edge"))
    connector = subprocess.Popen(
        [ROOT / "lab" / "lab", "run", "connector"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        ready = wait_until(lambda: lab.ready("connector").get("readyConnections"), 10, "ready")
        assert ready
    finally:
        connector.send_signal(signal.SIGTERM)
    assert connector.wait(timeout=40) == 0
    assert "drains" in lab.log("edge")[said_before:]


def test_sigterm_ends_the_edge_with_zero(lab):
    lab("stop", "edge")
    edge = subprocess.Popen(
        [ROOT / "lab" / "lab", "run", "edge"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: lab.ready("edge"), 10, "the edge answers /ready")
    finally:
        edge.send_signal(signal.SIGTERM)
    assert edge.wait(timeout=40) == 0


def test_reload_loses_no_ping(lab, family):
    ping = lab.begin("edge", "ping", "-n", "-q", "-i", "0.01", "-c", "200", family.origin)
    for number in range(5):
        lab.configure_edge(lambda text: text + f"icmp-errors-per-second: {1000 + number}\n")
        lab("reload", "edge")
    output, _ = ping.communicate(timeout=30)
    assert received(output) == 200, output
    assert lab.log("edge").count("reloaded") >= 5


def test_reload_of_a_bad_file_changes_nothing(lab, family):
    lab.configure_edge(lambda text: text + "listn: []\n")
    lab("reload", "edge")
    wait_until(lambda: "listn" in lab.log("edge"), 5, "the edge says what is wrong")
    assert answers(lab, family.origin)


def test_connector_has_no_privilege(lab):
    status = open(f"/proc/{lab.pid('connector')}/status").read()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    for capabilities in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(fields[capabilities], 16) == 0, capabilities
    assert fields["NoNewPrivs"] == "1"
    assert set(fields["Uid"].split()) == {str(roles.CONNECTOR_ID)}


@pytest.mark.parametrize("role", ["edge", "connector"])
def test_packets_in_are_forwarded_answered_or_dropped(lab, role):
    def sums():
        metrics = lab.metrics(role)
        total = {name: 0.0 for name in ("received", "forwarded", "answered", "dropped")}
        for sample, value in metrics.items():
            for name in total:
                if sample.startswith(f"oneping_packets_{name}_total"):
                    total[name] += value
        return total

    def adds_up():
        total = sums()
        out = total["forwarded"] + total["answered"] + total["dropped"]
        return total["received"] > 0 and total["received"] == out

    wait_until(adds_up, 5, "received = forwarded + answered + dropped")


@pytest.mark.parametrize("role", ["edge", "connector"])
def test_ready_says_yes_by_exit_code(lab, role):
    admin = roles.ROLES[role].admin
    assert lab.run(role, "oneping", "ready", "--admin", admin).returncode == 0


def test_ready_says_no_by_exit_code(lab):
    assert lab.run("connector2", "oneping", "ready", "--admin", "127.0.0.1:9791").returncode == 1


def test_version_is_told(lab):
    told = lab.run("connector", "oneping", "version", "--json")
    assert told.returncode == 0 and json.loads(told.stdout)["version"]


def test_secrets_are_closed_to_others(lab):
    for folder, _, files in os.walk(roles.STATE / "edge-state"):
        for file in files:
            if "key" in file or "secret" in file:
                mode = os.stat(os.path.join(folder, file)).st_mode
                assert mode & 0o077 == 0, file
