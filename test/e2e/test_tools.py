"""oneping ping, trace and mtr: as an ordinary user without any capability, on a host without a TUN
device, beside a running `oneping device up`. What the tools print is held against the stock ones."""

import json
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from fcntl import ioctl

import pytest

from devices import status
from world import USER_OF, V4, answers, hops_of, received

USER = USER_OF + "device"


def shape(text: str) -> list[str]:
    """Lines with every number that differs from run to run replaced."""
    text = re.sub(r"\d+\.\d+(?= ?ms|/)", "T", text)  # times
    text = re.sub(r"time \d+ms", "time Tms", text)
    text = re.sub(r"Start: \S+", "Start: WHEN", text)
    return [re.sub(r"(?<=%)(\s+\d+)(\s+[\d.]+){5}$", r"\1 T", line.rstrip()) for line in text.splitlines()]


def test_user_has_no_capability_and_no_tun(lab):
    shown = lab.run(USER, "sh", "-c", "id -u; grep Cap /proc/self/status; ls /dev/net").stdout.split("\n")
    assert shown[0] != "0"
    assert [line.split()[1] for line in shown[1:6]] == ["0" * 16] * 5
    assert shown[6:] == [""], "no /dev/net/tun"


# --- As the stock tools have it, on the same path


@pytest.mark.parametrize(
    "options",
    [
        "-c 3 -i 0.2",
        "-q -c 2 -i 0.2 -s 1000",
        "-c 2 -i 0.2 -t 1",
        "-c 2 -i 0.2 -t 2 -q",
        "-c 1 -s 0",
        "-M do -s 1400 -c 1 -W 1",
        "-n -w 1 -i 0.4",
    ],
)
def test_ping_prints_and_ends_as_ping_does(lab, family, options):
    ours = lab.run(USER, "oneping", "ping", *options.split(), family.origin)
    stock = lab.run("device", "ping", *options.split(), family.origin)
    # The device's kernel knows the MTU of its interface, and says so in its own words.
    if "-s 1400" in options:
        assert (ours.returncode, stock.returncode) == (1, 1)
        assert re.search(r"mtu ?[=:] ?\d+", ours.stdout) and re.search(r"mtu ?[=:] ?\d+", stock.stdout)
        return
    assert shape(ours.stdout) == shape(stock.stdout)
    assert ours.returncode == stock.returncode


def test_ping_without_an_answer_ends_as_ping_does(lab, family):
    nobody = family.origin.replace("120", "250")
    arguments = ("-c", "2", "-i", "0.2", "-W", "1", nobody)
    ours, stock = lab.run(USER, "oneping", "ping", *arguments), lab.run("device", "ping", *arguments)
    assert shape(ours.stdout) == shape(stock.stdout)
    assert ours.returncode == stock.returncode == 1


def test_ping_interrupted_sums_up(lab, family):
    ping = lab.begin(USER, "oneping", "ping", "-i", "0.1", family.origin)
    time.sleep(1)
    ping.send_signal(signal.SIGINT)
    output, _ = ping.communicate(timeout=10)
    assert ping.returncode == 0 and received(output) >= 5 and " 0% packet loss" in output, output


def test_thousand_pings_of_two_users_beside_two_devices(lab, family):
    arguments = ("-n", "-c", "1000", "-i", "0.004", family.origin)
    pings = [lab.begin(USER_OF + host, "oneping", "ping", *arguments) for host in ("device", "device2")]
    pings += [lab.begin(host, "ping", "-e", "7", *arguments) for host in ("device", "device2")]
    for ping in pings:
        output, _ = ping.communicate(timeout=60)
        assert received(output) == 1000 and "DUP!" not in output, output[-500:]
        assert output.count("ttl=62") == 1000
    assert status(lab)["state"] == status(lab, "device2")["state"] == "open"


def test_trace_prints_what_traceroute_does(lab, family):
    ours = lab.run(USER, "oneping", "trace", "-n", "-w", "5,0,0", family.origin)
    stock = lab.run("device", "traceroute", "-I", "-n", "-w", "5,0,0", family.origin)
    assert hops_of(ours.stdout) == hops_of(stock.stdout) == family.hops, ours.stdout
    assert shape(ours.stdout) == shape(stock.stdout)
    assert ours.returncode == stock.returncode == 0


def test_mtr_prints_what_mtr_does(lab, family):
    arguments = ("-r", "-n", "-c", "3", "-i", "0.2", "-G", "0.5", family.origin)
    ours, stock = lab.run(USER, "oneping", "mtr", *arguments), lab.run("device", "mtr", *arguments)
    assert shape(ours.stdout) == shape(stock.stdout)
    assert ours.stdout.count(" 0.0%") == 3
    assert ours.returncode == stock.returncode == 0


def test_mtr_json_has_mtrs_keys_and_the_roles(lab, family):
    arguments = ("-n", "--json", "-c", "3", "-i", "0.2", "-G", "0.5", family.origin)
    ours = json.loads(lab.run(USER, "oneping", "mtr", *arguments).stdout)
    stock = json.loads(lab.run("device", "mtr", *arguments).stdout)
    # One and the same program has read it; psize and bitpattern are as mtr has them.
    assert ours["report"]["mtr"] == stock["report"]["mtr"]
    hubs = ours["report"]["hubs"]
    for hub, other in zip(hubs, stock["report"]["hubs"], strict=True):
        assert {key: type(value) for key, value in other.items()}.items() <= {
            key: type(value) for key, value in hub.items()
        }.items()
    assert [hub["host"] for hub in hubs] == family.hops
    assert [hub["role"] for hub in hubs] == ["edge", "connector", "destination"]


# --- What they say beyond that


def test_the_way_is_told_in_three_parts(lab, family):
    ping = lab.run(USER, "oneping", "ping", "--legs", "-c", "5", "-i", "0.2", family.origin).stdout
    trace = lab.run(USER, "oneping", "trace", "--legs", "-n", family.origin).stdout
    mtr = lab.run(USER, "oneping", "mtr", "-r", "--legs", "-n", "-c", "2", "-G", "0.5", family.origin).stdout
    for text in (ping, trace, mtr):
        last = re.fullmatch(r"legs device-edge/edge-connector/connector-host = (\S+) ms", text.splitlines()[-1])
        assert last, text
        assert_are_parts(*map(float, last.group(1).split("/")))
        if text is ping:
            average = float(re.search(r"mdev = [^/]+/([^/]+)/", text).group(1))
            # At least: the third part of a reply is never less than nothing.
            assert sum(map(float, last.group(1).split("/"))) > average - 0.005
    for tool in (("trace",), ("mtr", "-c", "2", "-G", "0.5")):
        asked = lab.run(USER, "oneping", *tool, "--json", "-n", family.origin).stdout
        assert_are_parts(*json.loads(asked)["legs_ms"].values())


def assert_are_parts(device_to_edge, edge_to_connector, connector_to_host):
    assert 0 < device_to_edge < 10 and 0 < edge_to_connector < 10 and 0 <= connector_to_host < 10


def test_what_cannot_be_reached_is_one_line_and_two(lab, family):
    for tool in ("ping", "trace", "mtr"):
        done = lab.run(USER, "oneping", tool, family.without_route)
        assert (done.returncode, done.stdout) == (
            2,
            f"oneping: the edge has no route to {family.without_route}\n",
        )
    assert "no device is enrolled" in lab.run(USER_OF + "edge", "oneping", "ping", family.origin).stdout


def test_mtr_on_a_terminal_is_live_and_gives_it_back(lab):
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    before = termios.tcgetattr(theirs)
    ends = {"stdin": theirs, "stdout": theirs, "stderr": theirs, "start_new_session": True}
    ends["preexec_fn"] = lambda: ioctl(0, termios.TIOCSCTTY, 0)  # keys are for who has the terminal
    mtr = lab.begin(USER, "env", "TERM=xterm", "oneping", "mtr", "-i", "0.2", "--legs", V4.origin, **ends)
    try:
        seen = read_until(ours, lambda text: all(hop in text for hop in V4.hops) and "legs " in text)
        assert "Loss%" in seen and "oneping mtr" in seen
        os.write(ours, b"j")
        read_until(ours, lambda text: "Jttr" in text)
        os.write(ours, b"q")
        read_until(ours, lambda text: "\x1b[?1049l" in text)
        assert mtr.wait(5) == 0
        assert termios.tcgetattr(theirs) == before
    finally:
        if mtr.poll() is None:
            mtr.kill()
        os.close(ours)
        os.close(theirs)


def read_until(terminal, condition, seconds=10):
    text, deadline = "", time.monotonic() + seconds
    while not condition(text):
        assert select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0], text
        text += os.read(terminal, 65536).decode(errors="replace")
    return text


def test_tools_leave_the_device_as_it_was(lab, family):
    before = status(lab)
    for command in (("ping", "-c", "1"), ("trace", "-n"), ("mtr", "-r", "-c", "1", "-G", "0.2")):
        assert lab.run(USER, "oneping", *command, family.origin).returncode == 0
    after = status(lab)
    for key in ("sessions", "local_address", "addresses", "routes", "mtu"):
        assert after[key] == before[key], key
    assert answers(lab, family.origin, "device")
