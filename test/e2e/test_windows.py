"""The echo backend for Windows: the program that scripts/windows makes, under Wine in the lab.

It stands on the connector's host with a client of its own behind it. Wine speaks to the network as
root with raw sockets; of IPv6 it has nothing. Skipped where mingw-w64 or Wine is missing.
"""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from world import ROOT, V4, V6, hops_of, received

BUILD = ROOT / "build" / "windows"
PROGRAM = BUILD / "oneping-icmp.exe"
TESTS = ("base", "forwarder", "policy", "probe", "proxy", "route_table")
PREFIX = ROOT / "build" / "wine"
# Debian has it on no PATH.
WINE = shutil.which("wine64") or "/usr/lib/wine/wine64"
WINESERVER = shutil.which("wineserver") or "/usr/lib/wine/wineserver64"
ENVIRONMENT = {
    "WINEPREFIX": str(PREFIX),
    "WINEDEBUG": "-all",
    "WINEDLLOVERRIDES": "mscoree,mshtml=",  # what it would like to install
    "DISPLAY": "",
}

MISSING = [
    what
    for what, found in (
        ("mingw-w64", shutil.which("x86_64-w64-mingw32-g++-posix")),
        ("Wine", Path(WINE).exists() and Path(WINESERVER).exists()),
    )
    if not found
]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not here: {' and '.join(MISSING)}")


def run(*command, timeout: float) -> subprocess.CompletedProcess:
    return subprocess.run(
        list(map(str, command)),
        env=os.environ | ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
    )


@pytest.fixture(scope="module")
def built():
    done = run(ROOT / "scripts" / "windows", timeout=800)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.fixture(scope="module")
def wine(built):
    """A prefix whose server is not running: it stays where it is first asked for, in a namespace."""
    if not (PREFIX / "system.reg").exists():
        run(WINE, "wineboot", "-i", timeout=120)
    stop_wine()
    yield
    stop_wine()


def stop_wine():
    run(WINESERVER, "-k", timeout=30)
    run(WINESERVER, "-w", timeout=30)


@pytest.fixture(scope="module")
def icmp(fresh_lab, wine):
    """Runs the program on the connector's host."""

    def call(*arguments) -> subprocess.CompletedProcess:
        variables = [f"{name}={value}" for name, value in ENVIRONMENT.items()]
        command = ("env", *variables, WINE, PROGRAM, *arguments)
        return fresh_lab.run("connector", *command, timeout=60)

    # The server and its services start with the first program.
    call("ping", "-c", "1", V4.origin)
    yield call
    stop_wine()


def test_the_unit_tests_pass_as_programs_for_windows(wine):
    if not all((BUILD / "tests" / f"{name}_test.exe").exists() for name in TESTS):
        pytest.skip("they were not built, which takes minutes: scripts/windows --tests")
    for name in TESTS:
        done = run(WINE, BUILD / "tests" / f"{name}_test.exe", timeout=120)
        assert done.returncode == 0, done.stdout[-2000:]
        assert re.search(r"\[  PASSED  \] [1-9]\d* tests", done.stdout), done.stdout[-500:]
    stop_wine()


def test_pings_come_back_with_the_path_in_their_ttl(icmp):
    pings = icmp("ping", "-c", "20", "-i", "0.02", V4.far)
    assert received(pings.stdout) == 20, pings.stdout
    assert pings.stdout.count("ttl=61 ") == 20, pings.stdout  # r2, r1 and this hop took one each
    assert pings.returncode == 0


def test_traceroute_shows_this_hop_and_every_router(icmp):
    trace = icmp("trace", "-q", "3", V4.far)
    assert hops_of(trace.stdout) == [V4.connector, *V4.routers, V4.far], trace.stdout


def test_two_hundred_at_once_get_each_its_own_answer(icmp):
    started = time.monotonic()
    burst = icmp("burst", "-c", "200", V4.far)
    took = time.monotonic() - started
    assert burst.stdout.strip() == "200 sent, 150 replies, 50 errors, 0 wrong, 200 at once"
    assert took < 15, f"{took} s"


# Windows has one status for all that keeps a router from a host, so "filtered" is "host" too.
@pytest.mark.parametrize(
    "destination, who, what",
    [
        ("10.66.0.1", V4.routers[0], "Destination Net Unreachable"),
        ("10.67.0.1", V4.routers[0], "Destination Host Unreachable"),
        (V4.nobody, V4.connector, "Destination Host Unreachable"),
    ],
)
def test_errors_come_from_who_says_them(icmp, destination, who, what):
    ping = icmp("ping", "-c", "1", "-W", "5", destination)
    assert f"From {who} icmp_seq=1 {what}" in ping.stdout, ping.stdout
    assert ping.returncode == 1


def test_what_is_too_large_for_a_link_is_said_by_its_router_without_an_mtu(icmp, fresh_lab):
    fresh_lab.forget_mtus("connector")
    ping = icmp("ping", "-c", "1", "-W", "2", "-M", "do", "-s", "1350", V4.far)
    assert f"From {V4.routers[1]} icmp_seq=1 Frag needed and DF set (mtu = 0)" in ping.stdout


@pytest.mark.parametrize("size", [0, 1472, 20000, 65507])
def test_pings_of_every_size_come_back(icmp, size):
    pings = icmp("ping", "-c", "3", "-i", "0.05", "-W", "3", "-M", "dont", "-s", size, V4.origin)
    assert received(pings.stdout) == 3, pings.stdout


def test_hop_limit_and_tos_are_on_the_wire(icmp, fresh_lab):
    watch = fresh_lab.begin("origin", "tcpdump", "-n", "-v", "-l", "-c", "1", "-i", "private",
                            "icmp[icmptype] == icmp-echo and src " + V4.connector)
    try:
        for _ in range(5):  # until tcpdump has begun
            pings = icmp("ping", "-c", "5", "-i", "0.1", "-Q", "184", "-t", "9", V4.origin)
            assert received(pings.stdout) == 5, pings.stdout
            if watch.poll() is not None:
                break
        output, _ = watch.communicate(timeout=10)
    finally:
        watch.kill()
    assert "tos 0xb8, ttl 8," in output, output


def test_nobody_answers_and_nothing_is_made_up(icmp, fresh_lab):
    fresh_lab.run("origin", "sysctl", "-w", "net.ipv4.icmp_echo_ignore_all=1")
    try:
        pings = icmp("ping", "-c", "3", "-i", "0.1", "-W", "1", V4.origin)
    finally:
        fresh_lab.run("origin", "sysctl", "-w", "net.ipv4.icmp_echo_ignore_all=0")
    assert received(pings.stdout) == 0
    assert "From" not in pings.stdout, pings.stdout


def test_without_ipv6_the_program_says_so_and_ipv4_is_there_all_the_same(icmp):
    ping = icmp("ping", "-c", "1", V6.origin)
    assert ping.returncode == 3
    assert "ICMP is unavailable for IPv6" in ping.stdout
