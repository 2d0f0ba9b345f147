"""Every size: what is larger than the tunnel arrives whole, or is refused with what fits."""

import re

import pytest

from test_truth import errors_of
from world import HERE, USER, received, wait_until


def wait_for_large_packets(lab, family):
    """A connection carries its largest packets once path MTU discovery is through."""
    large = ("ping", "-n", "-c", "1", "-W", "0.3", "-s", "1232", family.origin)
    wait_until(lambda: lab.run(USER, *large).returncode == 0, 10, "1232 bytes go through")


@pytest.mark.parametrize("size", [1472, 3000, 8000, 20000, 65507])
def test_a_large_ping_comes_back_byte_for_byte(lab, family, size):
    wait_for_large_packets(lab, family)
    check = lab.run(USER, "/usr/bin/python3", HERE / "echo_check.py", family.origin, size, 10)
    assert check.returncode == 0, check.stdout[-500:]


@pytest.fixture
def many_pings(lab):
    """Each gets its own replies only, not as by raw sockets those of the others too."""
    name = "net.ipv4.ping_group_range"
    before = lab.run(USER, "sysctl", "-n", name).stdout.strip()
    lab.run(USER, "sysctl", "-w", f"{name}=0 2147483647")
    yield
    lab.run(USER, "sysctl", "-w", f"{name}={before}")


TWO_HUNDRED = """
for n in $(seq 200); do ping -n -c 1 -W 10 -s "$1" "$2" & done | grep -c ' bytes from .*icmp_seq='
wait
"""


def two_hundred(size, family):
    return "sh", "-c", TWO_HUNDRED, "sh", str(size), family.origin


@pytest.mark.parametrize("size", [3000, 20000])
def test_two_hundred_large_pings_at_once(lab, many_pings, family, size):
    wait_for_large_packets(lab, family)
    done = lab.run(USER, *two_hundred(size, family))
    assert done.stdout.split() == ["200"], done.stdout


def memory(lab, role) -> int:
    """Resident bytes."""
    status = open(f"/proc/{lab.pid(role)}/status").read()
    return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.M)[1]) * 1024


def test_half_fragments_beside_them_cost_bounded_memory_and_no_ping(lab, many_pings, family):
    wait_for_large_packets(lab, family)
    assert lab.run(USER, *two_hundred(20000, family)).stdout.split() == ["200"], "warm"
    before = {role: memory(lab, role) for role in ("edge", "connector")}
    halves = ("/usr/bin/python3", HERE / "half_fragments.py", family.sources[1], family.origin, 8)
    attacker = lab.begin("edge", *halves)
    try:
        for _ in range(3):
            assert lab.run(USER, *two_hundred(8000, family)).stdout.split() == ["200"]
    finally:
        output, _ = attacker.communicate(timeout=30)
    assert int(output) > 10_000, output
    for role, bytes_before in before.items():
        # Its bound is 8 MiB of pieces.
        assert memory(lab, role) < bytes_before + (24 << 20), role
    made_way = sum(
        value
        for sample, value in lab.metrics("edge").items()
        if sample.startswith("oneping_packets_dropped_total") and "reassembly_full" in sample
    )
    assert made_way > 1000


def test_what_a_narrow_link_cannot_pass_is_said_with_its_mtu(lab, family):
    wait_for_large_packets(lab, family)

    def ping(size):
        arguments = ("ping", "-n", "-c", "1", "-W", "2", "-M", "do", "-s", str(size), family.far)
        return lab.run(USER, *arguments).stdout

    headers = 28 if family.name == "ipv4" else 48
    lab.forget_mtus(USER, "connector")
    try:
        refused = ping(1350)
        words = {"ipv4": "Frag needed and DF set (mtu = 1300)", "ipv6": "Packet too big: mtu=1300"}
        assert errors_of(refused) == [(family.routers[1], words[family.name])], refused
        fits = ping(1300 - headers)
        assert received(fits) == 1, fits
    finally:
        lab.forget_mtus(USER)
