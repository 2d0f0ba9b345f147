"""Many at once: traceroutes do not cost each other hops, nor do errors cost pings."""

import re

from world import HERE, USER, hops_of, received, wait_until


def test_twenty_traceroutes_at_once_have_complete_hop_lists(lab, family):
    path = [family.hop, family.connector, *family.routers, family.far]
    delayed = "oneping_probes_delayed_total"
    before = lab.metrics("connector")[delayed]
    arguments = ("traceroute", "-I", "-n", "-w", "5,0,0", family.far)
    traces = [lab.begin(USER, *arguments) for _ in range(20)]
    for trace in traces:
        output, _ = trace.communicate(timeout=60)
        assert hops_of(output) == path, output
    assert lab.metrics("connector")[delayed] > before


def test_probes_that_come_too_fast_are_refused_and_counted(lab, family):
    """A ping whose packets expire at r1, more of them at once than may wait."""
    before = probes_refused(lab)
    # Two hops of our own come before it. The answers to 200 at once would be more than fits into
    # ping's receive buffer, if it does not come to read them at once.
    arguments = ("ping", "-n", "-t", "3", "-c", "120", "-l", "120", "-W", "3", family.far)
    output = lab.run(USER, *arguments).stdout
    exceeded = len(re.findall(rf"From {family.routers[0]}:? icmp_seq=\d+ Time", output))
    refused = output.count(family.prohibited)
    assert exceeded + refused == 120, output[-500:]
    # 20 pass, 50 may wait; the rest finds room only as far as those have left.
    assert exceeded >= 70, exceeded
    assert refused > 0
    assert probes_refused(lab) - before == refused


def probes_refused(lab) -> float:
    return sum(
        value
        for sample, value in lab.metrics("connector").items()
        if sample.startswith("oneping_packets_answered_total") and "probe_rate_limit" in sample
    )


def ids_of_ping_sockets(lab, family) -> list[str]:
    """What the connector's sockets have in place of an echo id."""
    table = "/proc/net/icmp" if family.name == "ipv4" else "/proc/net/icmp6"
    lines = lab.run("connector", "cat", table).stdout.splitlines()[1:]
    return [str(int(line.split()[1].rpartition(":")[2], 16)) for line in lines]


def errors_read(lab) -> float:
    return sum(
        value
        for sample, value in lab.metrics("connector").items()
        if sample.startswith("oneping_packets_received_total") and 'stage="echo_errors"' in sample
    )


def test_a_flood_of_errors_leaves_a_ping_beside_it_without_loss(lab, family):
    """20 000 Time Exceeded a second, to the connector's own sockets, about packets never sent."""
    ids = ids_of_ping_sockets(lab, family)
    assert ids
    before = errors_read(lab)
    program = ("/usr/bin/python3", HERE / "flood_errors.py", 20_000, 5)
    flood = lab.begin("r1", *program, family.connector, family.origin, *ids)
    ping = lab.run(USER, "ping", "-n", "-c", "400", "-i", "0.01", family.origin).stdout
    output, _ = flood.communicate(timeout=30)
    assert received(ping) == 400, ping[-500:]
    sent = int(output)
    assert sent > 95_000, sent
    # The kernel may have had no room for some.
    wait_until(lambda: errors_read(lab) > before + sent * 0.9, 5, f"most of {sent} are counted")
