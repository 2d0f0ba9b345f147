"""Devices: the interface and its routes, moving, coming back, and what an edge does not let them do.

What ping, traceroute and mtr show on a device is in test_path.py, our own tools in test_tools.py."""

import re
import signal
import time

import pytest

from devices import RAW_DEVICE, RawDevice, counted, routes, status
from packets import echo_request, icmp, ipv4, ipv6
from world import HERE, V4, V6, answers, outage_after, received, roles, wait_until

HOST = "device"
CAP_NET_ADMIN = 1 << 12
COUNT = 50  # of forged packets


def ip(source, destination, payload):
    return (ipv6 if ":" in source else ipv4)(source, destination, payload)


def capabilities(pid):
    status_file = open(f"/proc/{pid}/status").read()
    return {name: int(re.search(rf"{name}:\s+(\w+)", status_file).group(1), 16)
            for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}  # fmt: skip


def children(pid):
    return [int(child) for child in open(f"/proc/{pid}/task/{pid}/children").read().split()]


def is_up(lab, host=HOST):
    return status(lab, host).get("state") == "open"


@pytest.fixture
def second(lab):
    """A host whose device a test may spoil: it is enrolled anew afterwards."""
    yield "device2"
    lab("stop", "device2")
    lab.run("edge", "oneping", "device", "delete", "device2")
    roles.shutil.rmtree(roles.identity("device2"))


# --- The interface


def test_only_the_route_keeper_keeps_a_capability(lab):
    pid = lab.pid(HOST)
    assert set(capabilities(pid).values()) == {0}
    (keeper,) = children(pid)
    kept = capabilities(keeper)
    assert kept["CapEff"] == kept["CapPrm"] == CAP_NET_ADMIN
    assert not kept["CapAmb"] and not kept["CapInh"]


def test_interface_has_what_the_edge_says(lab):
    said = status(lab)
    assert said["state"] == "open" and said["addresses"] == [V4.device, V6.device]
    assert set(routes(lab)) == set(said["routes"])
    assert any(prefix.startswith("172.16.10.0") for prefix in said["routes"])
    link = lab.run(HOST, "ip", "-d", "link", "show", "oneping").stdout
    assert f"mtu {said['mtu']}" in link and said["mtu"] >= 1280, link
    # Split: what the edge does not advertise goes where it went.
    assert "dev user" in lab.run(HOST, "ip", "route", "get", "192.0.2.1").stdout


def test_route_of_the_edge_appears_and_goes_within_a_second(lab, family):
    prefix = {"ipv4": "10.77.0.0/16", "ipv6": "fd00:10:77::/48"}[family.name]
    for command, there in (("add", True), ("delete", False)):
        done = lab.run("edge", "oneping", "route", command, prefix, *((roles.TUNNEL,) if there else ()))
        assert done.returncode == 0, done.stdout
        wait_until(lambda: (prefix in routes(lab)) == there, 1, f"route {command} reaches the device")


def test_kill_leaves_nothing_and_the_next_start_is_whole(lab):
    before, keepers = routes(lab), children(lab.pid(HOST))
    lab("kill", HOST)
    gone = lambda: lab.run(HOST, "ip", "link", "show", "oneping").returncode != 0  # noqa: E731
    wait_until(gone, 1, "the interface has gone")
    assert "oneping" not in lab.run(HOST, "ip", "route", "show").stdout
    assert "oneping" not in lab.run(HOST, "ip", "-6", "route", "show").stdout
    wait_until(lambda: not any(map(is_running, keepers)), 1, "the route keeper has gone")
    lab("start", HOST)
    wait_until(lambda: routes(lab) == before, 5, "all routes are back")


def is_running(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_down_takes_everything_back(lab):
    done = lab.run(HOST, "oneping", "device", "down")
    assert (done.returncode, done.stdout.strip()) == (0, "down")
    assert lab.run(HOST, "ip", "link", "show", "oneping").returncode != 0
    assert status(lab)["state"] == "down" and lab.pid(HOST) is None
    up = lab.run(HOST, "oneping", "device", "up")
    try:
        assert up.returncode == 0 and V4.device in up.stdout, up.stdout
        assert answers(lab, V4.origin, HOST)
    finally:
        lab.run(HOST, "oneping", "device", "down")


# --- The way changes


def test_sizes_are_answered_or_refused_with_what_fits(lab, family):
    """IP packets of 1200 to 1500 bytes, by stock ping: none is silent, and the MTU is the truth."""
    headers = {"ipv4": 28, "ipv6": 48}[family.name]
    first, last = 1200 - headers, 1500 - headers
    # Path MTU discovery may go on in the tunnel; what it says is compared when it stays the same.
    one = f'echo "size $(($1 + {headers})): $(ping -n -c 1 -W 0.5 -M do -s $1 {family.origin} 2>&1)"'
    script = f"seq {first} {last} | xargs -P 40 -I SIZE sh -c '{one}' sh SIZE"

    def sweep():
        lab.forget_mtus(HOST)
        output = lab.run(HOST, "sh", "-c", script).stdout
        shown = re.split(r"^size (\d+): ", output, flags=re.MULTILINE)[1:]
        answered, refused = [], {}
        for size, text in zip(map(int, shown[::2]), shown[1::2]):
            mtu = re.search(r"mtu ?[=:] ?(\d+)", text)
            if " 1 received" in text:
                answered.append(size)
            elif mtu:
                refused[size] = int(mtu.group(1))
        return sorted(answered), refused

    answered, refused = sweep()
    if set(refused.values()) != {max(answered)}:
        answered, refused = sweep()
    assert sorted([*answered, *refused]) == list(range(1200, 1501)), "each is answered or refused"
    assert max(answered) >= 1280 and set(refused.values()) == {max(answered)}
    assert answered == list(range(1200, max(answered) + 1))


def test_another_underlay_address_is_hardly_noticed(lab, family):
    ping = lab.begin(HOST, "ping", "-n", "-D", "-i", "0.01", family.origin)
    before = status(lab)
    move = "address del 192.0.2.10/24 dev user\naddress add 192.0.2.20/24 dev user"
    back = "address del 192.0.2.20/24 dev user\naddress add 192.0.2.10/24 dev user"
    try:
        time.sleep(0.7)
        moved = time.time()
        assert lab.run(HOST, "sh", "-c", f"echo '{move}' | ip -batch -").returncode == 0
        time.sleep(1.5)
        now = status(lab)
    finally:
        lab.run(HOST, "sh", "-c", f"echo '{back}' | ip -batch -")
    time.sleep(0.5)
    ping.send_signal(signal.SIGINT)
    output, _ = ping.communicate(timeout=10)
    assert now["local_address"].startswith("192.0.2.20"), now
    assert now["sessions"] == before["sessions"], "the same session, migrated"
    assert outage_after(output, moved) < 0.5, output
    sent = int(re.search(r"(\d+) packets transmitted", output).group(1))
    assert sent - received(output) < 50, output[-300:]


def test_edge_restarted_is_found_within_three_seconds(lab, family):
    before = routes(lab)
    ping = lab.begin(HOST, "ping", "-n", "-D", "-i", "0.02", family.origin)
    try:
        time.sleep(0.5)
        lab("kill", "edge")
        time.sleep(0.5)
        restart = time.time()
        lab("start", "edge")
        time.sleep(4)
    finally:
        ping.send_signal(signal.SIGINT)
    output, _ = ping.communicate(timeout=10)
    assert outage_after(output, restart) < 3, output[-2000:]
    assert routes(lab) == before, "no route is lost, none there twice"


# --- What an edge does not let a device do


def forged(family, source):
    return [ip(source, family.origin, echo_request(source, family.origin, sequence, bytes(20)))
            for sequence in range(COUNT)]  # fmt: skip


def stranger(family):
    return {"ipv4": "100.96.7.7", "ipv6": "fd00:100:96::777"}[family.name]


def echoes_at_origin(lab, family):
    name = {"ipv4": "IcmpInEchos", "ipv6": "Icmp6InEchos"}[family.name]
    shown = lab.run("origin", "nstat", "-asz", name).stdout
    return int(re.search(rf"{name}\s+(\d+)", shown).group(1))


@pytest.mark.parametrize("who", ["stranger", "device2"])
def test_device_lets_no_other_source_pass(lab, family, who):
    source = family.device2 if who == "device2" else stranger(family)
    before = counted(lab, HOST, "source_refused"), counted(lab, "edge", "source_refused")
    reached = echoes_at_origin(lab, family)
    packets = [packet.hex() for packet in forged(family, source)]
    done = lab.run(HOST, "/usr/bin/python3", HERE / "send_raw.py", "oneping", *packets)
    assert done.returncode == 0, done.stdout
    wait_until(lambda: counted(lab, HOST, "source_refused") == before[0] + COUNT, 2, "all counted")
    assert counted(lab, "edge", "source_refused") == before[1]
    assert echoes_at_origin(lab, family) == reached


@pytest.mark.parametrize("who", ["stranger", "device2"])
def test_edge_lets_no_other_source_pass(lab, family, who):
    source = family.device2 if who == "device2" else stranger(family)
    before, reached = counted(lab, "edge", "source_refused"), echoes_at_origin(lab, family)
    with RawDevice(HOST) as hostile:
        for packet in forged(family, source):
            hostile.send(packet)
        wait_until(lambda: counted(lab, "edge", "source_refused") == before + COUNT, 2, "all counted")
        assert_prohibited(hostile.receive(), family, source)
        assert echoes_at_origin(lab, family) == reached
        # Its own address is not spoilt by that.
        own = echo_request(family.device, family.origin, 1, bytes(20))
        hostile.send(ip(family.device, family.origin, own))
        wait_until(lambda: echoes_at_origin(lab, family) == reached + 1, 2, "its own passes")


def assert_prohibited(answer, family, source):
    """From the edge's hop address, and about the packet: RFC 9484, 7.2; RFC 1812, 5.2.7.1; RFC 4443, 3.1."""
    assert answer, "an ICMP error"
    if family is V4:
        assert answer[20:22] == bytes([3, 13]) and answer[28 + 12 : 28 + 16] == packed(source)
        assert answer[12:16] == packed(family.hop)
    else:
        assert answer[40] == 1 and answer[41] in (1, 5) and answer[48 + 8 : 48 + 24] == packed(source)
        assert answer[8:24] == packed(family.hop)


def packed(address):
    from packets import address as pack

    return pack(address)


def test_device_cannot_reach_into_anothers_flow(lab, family):
    """device2 pings; device answers in the origin's name, in its own, and by errors about the flow."""
    ping = lab.begin("device2", "ping", "-n", "-e", "7", "-i", "0.02", "-c", "100", family.origin)
    flow = echo_request(family.device2, family.origin, 1, bytes(56))
    reply, unreachable = ((0, 3), (129, 1))[family is V6]
    identity = b"\0\x07\0\x01" + bytes(56)
    origin, own, other = family.origin, family.device, family.device2
    attempts = [
        (ip(origin, other, icmp(origin, other, reply, rest=identity)), "source_refused"),
        (ip(own, other, icmp(own, other, reply, rest=identity)), "not_echo_request"),
        (ip(own, other, icmp(own, other, unreachable, 1, bytes(4) + ip(other, origin, flow))),
         "not_echo_request"),
        (ip(own, other, echo_request(own, other, 1, bytes(20))), "no_route"),
    ]  # fmt: skip
    with RawDevice(HOST) as hostile:
        for packet, reason in attempts:
            before = counted(lab, "edge", reason)
            for _ in range(COUNT):
                hostile.send(packet)
            wait_until(lambda: counted(lab, "edge", reason) == before + COUNT, 2, reason)
    output, _ = ping.communicate(timeout=20)
    assert received(output) == 100 and "DUP!" not in output and "From" not in output, output[-500:]


def test_revoked_device_is_out_within_a_second_and_stays_out(lab, second):
    user = f"user@{second}"
    assert is_up(lab, second)
    lab.run("edge", "oneping", "device", "revoke", second)
    wait_until(lambda: not is_up(lab, second), 1, "the session has ended")
    assert not answers(lab, V4.origin, second)
    for command in (("ping", "-c", "1", V4.origin), ("trace", V4.origin), ("mtr", "-r", V4.origin)):
        done = lab.run(user, "oneping", *command)
        assert_one_line(done, 2, "revoked")
    assert "revoked" in status(lab, second)["last_problem"]["text"]
    assert not is_up(lab, second)
    # Whoever may come back does so.
    lab.run("edge", "oneping", "device", "restore", second)
    assert lab.run(user, "oneping", "ping", "-c", "1", V4.origin).returncode == 0


def assert_one_line(done, code, *words):
    assert done.returncode == code, done.stdout
    assert len(done.stdout.splitlines()) == 1, done.stdout
    for word in words:
        assert word in done.stdout, done.stdout


def test_keys_that_do_not_enrol_say_why(lab, tmp_path):
    def enrol(key):
        file = tmp_path / "key"
        file.write_text(key)
        return lab.run(HOST, "oneping", "device", "enroll", "--edge", "192.0.2.1", "--key-file", file,
                       "--state", tmp_path / "state")  # fmt: skip

    def create(name, *options):
        file = tmp_path / name
        done = lab.run("edge", "oneping", "key", "create", name, "--out", file, *options)
        assert done.returncode == 0, done.stdout
        return file.read_text()

    try:
        expired = create("expired", "--expires", "1s")
        created = time.monotonic()
        good = create("good")
        # The last characters are of the authority's fingerprint.
        assert_one_line(enrol(good[:-6] + "AAAAA\n"), 1, "not the edge", "key is for")
        assert_one_line(enrol("opk_nonsense\n"), 1, "key")
        time.sleep(max(0, created + 1.1 - time.monotonic()))
        assert_one_line(enrol(expired), 1, "expired")
        assert enrol(good).returncode == 0
        assert_one_line(enrol(good), 1, "enrolled already")
        again = lab.run(HOST, "oneping", "device", "enroll", "--edge", "192.0.2.1", "--key-file",
                        tmp_path / "key", "--state", tmp_path / "other")  # fmt: skip
        assert_one_line(again, 1, "used")
    finally:
        for path in ("/keys/expired", "/keys/good"):
            lab.api.ask("DELETE", path)


@pytest.mark.parametrize(
    "begins,ends,words",
    [(-48, -24, ("certificate expired", "enroll")), (24, 48, ("clock", "before the device got"))],
    ids=["expired", "clock-is-behind"],
)
def test_certificate_out_of_its_time_says_so(lab, second, begins, ends, words):
    edge = roles.STATE / "edge-state"
    state = "/var/lib/oneping/device"
    dated = lab.run(second, RAW_DEVICE, "date", state, edge, str(begins), str(ends))
    assert dated.returncode == 0, dated.stdout
    assert_one_line(lab.run(f"user@{second}", "oneping", "ping", "-c", "1", V4.origin), 2, *words)
    lab("stop", second)
    up = lab.run(second, "oneping", "device", "up", "--wait", "2s")
    assert_one_line(up, 1, *words)
