"""Replies that are not as they should be, against real sockets: what the client gets of each."""

import contextlib
import re

import pytest

from world import HERE, USER, received, wait_until


# A number that is not asked for may be another flow's, of which the proxy knows what fits.
UNASKED = ("no_flow", "reply_mismatch")
UNFIT = ("reply_mismatch",)


def dropped(lab, reasons) -> float:
    return sum(
        value
        for sample, value in lab.metrics("connector").items()
        if sample.startswith("oneping_packets_dropped_total")
        and 'stage="echo"' in sample
        and any(f'reason="{reason}"' in sample for reason in reasons)
    )


OTHER = {"ipv4": "172.16.10.199", "ipv6": "fd00:172:16:10::199"}


@contextlib.contextmanager
def answering(lab, family, how):
    """The origin's kernel is silent; a program of ours answers, as `how` says."""
    v4 = family.name == "ipv4"
    name = "net.ipv4.icmp_echo_ignore_all" if v4 else "net.ipv6.icmp.echo_ignore_all"
    other = OTHER[family.name]
    lab.run("origin", "ip", "address", "add", f"{other}/{32 if v4 else 128}", "dev", "private")
    lab.run("origin", "sysctl", "-w", f"{name}=1")
    program = ("/usr/bin/python3", "-u", HERE / "answer.py", how, family.origin, other)
    process = lab.begin("origin", *program)
    try:
        assert process.stdout.readline() == "listening\n"
        yield
    finally:
        process.terminate()
        process.communicate(timeout=5)
        lab.run("origin", "sysctl", "-w", f"{name}=0")
        lab.run("origin", "ip", "address", "del", f"{other}/{32 if v4 else 128}", "dev", "private")


def ping(lab, family, wait="1"):
    arguments = ("ping", "-n", "-c", "3", "-i", "0.2", "-W", wait, family.origin)
    return lab.run(USER, *arguments).stdout


def test_a_late_reply_arrives_late(lab, family):
    with answering(lab, family, "late"):
        output = ping(lab, family, wait="4")
    assert received(output) == 3, output
    assert all(1500 <= float(ms) < 2500 for ms in re.findall(r"time=([\d.]+) ms", output)), output


def test_a_doubled_reply_is_a_duplicate(lab, family):
    with answering(lab, family, "doubled"):
        output = ping(lab, family)
    # It does not wait for the last one's.
    assert re.search(r"3 received, \+[23] duplicates", output), output
    assert output.count("(DUP!)") >= 2, output


@pytest.mark.parametrize(
    "how,reasons",
    [
        ("other-address", UNFIT),
        ("other-payload", UNFIT),
        ("shorter-payload", UNFIT),
        ("other-sequence", UNASKED),
    ],
)
def test_what_the_origin_did_not_say_so_reaches_nobody(lab, family, how, reasons):
    before = dropped(lab, reasons)
    with answering(lab, family, how):
        output = ping(lab, family)
    assert received(output) == 0, output
    wait_until(lambda: dropped(lab, reasons) == before + 3, 2, f"3 more counted as {reasons}")


def test_unasked_replies_beside_the_right_ones_reach_nobody(lab, family):
    before = dropped(lab, UNASKED)
    with answering(lab, family, "unasked"):
        output = ping(lab, family)
    assert received(output) == 3, output
    assert "duplicates" not in output, output
    wait_until(lambda: dropped(lab, UNASKED) == before + 300, 2, "300 more are counted")
