"""hop-names: what the hops say of themselves behind the quote (RFC 4884, 5837)."""

import contextlib
import re

from world import USER, roles, wait_until


@contextlib.contextmanager
def hop_names(lab):
    lab.configure_edge(lambda text: text + "hop-names: true\n")
    lab("reload", "edge")
    lab("stop", "connector")
    process = lab.begin("connector", *roles.ROLES["connector"].argv, "--hop-names", "true")
    try:
        wait_until(lambda: lab.ready("connector").get("readyConnections") == 4, 10, "it is ready")
        yield
    finally:
        process.terminate()
        process.communicate(timeout=10)


def extensions(lab, family) -> list[tuple[str, str]]:
    """The first two hops' addresses, and what traceroute prints behind them."""
    arguments = ("-e", "-I", "-n", "-q", "1", "-w", "5,0,0", "-m", "2", family.origin)
    output = lab.run(USER, "traceroute", *arguments).stdout
    return re.findall(r"^ ?\d+  (\S+)(?: <(\S+)>)?", output, re.M)


def read(said: str) -> tuple[str, int]:
    """An interface information object as traceroute prints it: CLASS/TYPE:WORD,WORD…"""
    kind, _, words = said.partition(":")
    assert kind == "2/3", said
    body = bytes.fromhex(words.replace(",", ""))
    name, mtu = body[1 : body[0]], body[body[0] :]
    return name.rstrip(b"\0").decode(), int.from_bytes(mtu, "big")


def test_traceroute_prints_who_the_hops_are_and_their_mtu(lab, family):
    assert extensions(lab, family) == [(family.hop, ""), (family.connector, "")], "off by default"
    with hop_names(lab):
        (edge, edge_says), (connector, connector_says) = extensions(lab, family)
    assert (edge, connector) == (family.hop, family.connector)
    name, mtu = read(edge_says)
    assert (name, mtu) == ("edge", 1500)
    name, mtu = read(connector_says)
    assert name == "connector" and 1280 <= mtu <= 1500


def test_tcpdump_reads_them_without_complaint(lab, family):
    with hop_names(lab):
        capture = lab.begin("edge", "tcpdump", "-n", "-vv", "-l", "-i", "oneping0", "-c", "2",
                            "icmp[0] == 11" if family.name == "ipv4" else "icmp6 and ip6[40] == 3")
        wait_until(lambda: "listening" in capture.stdout.readline(), 5, "tcpdump listens")
        extensions(lab, family)
        output, _ = capture.communicate(timeout=10)
    assert "incorrect" not in output and "bad" not in output and "[|" not in output, output
    if family.name == "ipv4":  # of ICMPv6's it says nothing
        assert output.count("ICMP Multi-Part extension v2") == 2, output
        assert output.count("(correct)") >= 2, output
        assert output.count("(2), Class-Type: 3") == 2, output
