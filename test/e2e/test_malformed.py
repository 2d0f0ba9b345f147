"""Broken packets: none of them stops anything, each is counted by its reason."""

import re

import pytest

from inject import KINDS
from world import HERE, V4, V6, wait_until

COUNT = 10_000
CASES = [(kind, v) for kind, (_, families, _) in KINDS.items() for v in families]


def counted(lab, reasons) -> float:
    """Packets that edge and connector dropped or answered for one of the reasons, or for any."""
    return sum(
        value
        for role in ("edge", "connector")
        for sample, value in lab.metrics(role).items()
        if sample.startswith(("oneping_packets_dropped_total", "oneping_packets_answered_total"))
        and (not reasons or any(f'reason="{reason}"' in sample for reason in reasons))
    )


@pytest.mark.parametrize("kind,v", CASES, ids=[f"{kind}-ipv{v}" for kind, v in CASES])
def test_ten_thousand_are_counted_and_a_ping_beside_loses_nothing(lab, kind, v):
    pids = lab.pid("edge"), lab.pid("connector")
    reasons = KINDS[kind][2]
    before = counted(lab, reasons)

    # For the last reply ping waits twice its longest round trip, which is next to nothing here.
    arguments = ("ping", "-n", "-c", "110", "-i", "0.005")
    beside = [
        lab.begin("edge", *arguments, "-I", family.sources[0], family.origin) for family in (V4, V6)
    ]
    injected = lab.run("edge", "/usr/bin/python3", HERE / "inject.py", kind, v, COUNT)
    assert injected.returncode == 0, injected.stdout

    for ping in beside:
        output, _ = ping.communicate(timeout=60)
        answered = {int(number) for number in re.findall(r" bytes from .*icmp_seq=(\d+)", output)}
        assert not set(range(1, 101)) - answered, output
    wait_until(
        lambda: counted(lab, reasons) >= before + COUNT,
        20,
        f"{COUNT} more counted as {' or '.join(sorted(reasons)) or 'anything'}",
    )
    assert (lab.pid("edge"), lab.pid("connector")) == pids
