"""The lab's map: segments, hosts, addresses and routes. Data only; namespaces.py builds it.

Every host has an IPv4 address and its IPv6 twin in fd00::/8 on each segment it stands on. The twin
spells the IPv4 address: 172.16.10.120 is fd00:172:16:10::120.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Segment:
    """An Ethernet segment: a bridge in the switch namespace."""

    mtu: int = 1500


@dataclass(frozen=True)
class Port:
    """A host's interface on a segment; the interface has the segment's name."""

    segment: str
    v4: str
    v6: str


@dataclass(frozen=True)
class Host:
    what: str
    ports: tuple[Port, ...]
    routes: tuple[str, ...] = ()  # arguments of `ip route add`, either family
    sysctls: dict[str, str] = field(default_factory=dict)


SWITCH = "switch"

SEGMENTS = {
    "user": Segment(),
    "transit": Segment(),
    "private": Segment(),
    "core": Segment(),
    "last": Segment(mtu=1300),
}

# The connector's user and group: ordinary, and the only one that may open ping sockets.
CONNECTOR_ID = 65532
# An ordinary user of any host.
USER_ID = 65533

_CONNECTOR_SYSCTLS = {"net.ipv4.ping_group_range": f"{CONNECTOR_ID} {CONNECTOR_ID}"}
_ROUTER_SYSCTLS = {"net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": "1"}

_BEHIND_R1 = tuple(
    f"{prefix} via {r1}"
    for r1, prefixes in (
        ("172.16.10.1", ("10.20.0.0/16", "10.66.0.0/16", "10.67.0.0/16")),
        ("fd00:172:16:10::1", ("fd00:10:20::/48", "fd00:10:66::/48", "fd00:10:67::/48")),
    )
    for prefix in prefixes
)

HOSTS = {
    "device": Host(
        "a user's machine",
        (Port("user", "192.0.2.10/24", "fd00:192:0:2::10/64"),),
    ),
    "device2": Host(
        "a second user's machine",
        (Port("user", "192.0.2.11/24", "fd00:192:0:2::11/64"),),
    ),
    "edge": Host(
        "the edge, hop address 172.68.101.57",
        (
            Port("user", "192.0.2.1/24", "fd00:192:0:2::1/64"),
            Port("transit", "198.51.100.1/24", "fd00:198:51:100::1/64"),
        ),
    ),
    "connector": Host(
        "the connector, an ordinary user's process",
        (
            Port("transit", "198.51.100.2/24", "fd00:198:51:100::2/64"),
            Port("private", "172.16.10.100/24", "fd00:172:16:10::100/64"),
        ),
        _BEHIND_R1,
        _CONNECTOR_SYSCTLS,
    ),
    "connector2": Host(
        "a replica of the connector",
        (
            Port("transit", "198.51.100.3/24", "fd00:198:51:100::3/64"),
            Port("private", "172.16.10.101/24", "fd00:172:16:10::101/64"),
        ),
        _BEHIND_R1,
        _CONNECTOR_SYSCTLS,
    ),
    "origin": Host(
        "answers",
        (Port("private", "172.16.10.120/24", "fd00:172:16:10::120/64"),),
        _BEHIND_R1,
    ),
    "r1": Host(
        "a router; no route to 10.66.0.0/16, prohibits 10.67.0.0/16",
        (
            Port("private", "172.16.10.1/24", "fd00:172:16:10::1/64"),
            Port("core", "10.20.1.1/30", "fd00:10:20:1::1/64"),
        ),
        (
            "10.20.0.0/16 via 10.20.1.2",
            "fd00:10:20::/48 via fd00:10:20:1::2",
            "prohibit 10.67.0.0/16",
            "prohibit fd00:10:67::/48",
        ),
        _ROUTER_SYSCTLS,
    ),
    "r2": Host(
        "a second router",
        (
            Port("core", "10.20.1.2/30", "fd00:10:20:1::2/64"),
            Port("last", "10.20.30.1/24", "fd00:10:20:30::1/64"),
        ),
        ("default via 10.20.1.1", "default via fd00:10:20:1::1"),
        _ROUTER_SYSCTLS,
    ),
    "far": Host(
        "a host behind a last link of MTU 1300",
        (Port("last", "10.20.30.40/24", "fd00:10:20:30::40/64"),),
        ("default via 10.20.30.1", "default via fd00:10:20:30::1"),
    ),
}

# Destinations that lead nowhere, for the tests and for people.
NOWHERE = (
    ("172.16.10.250", "fd00:172:16:10::250", "an address without a host"),
    ("10.66.0.0/16", "fd00:10:66::/48", "no route at r1"),
    ("10.67.0.0/16", "fd00:10:67::/48", "prohibited at r1"),
    ("10.99.0.0/16", "fd00:10:99::/48", "reaches the edge, which has no route"),
)

# Quiet and repeatable kernels. ICMP errors are not rate-limited: by their mask, since a
# net.ipv4.icmp_ratelimit of 0 empties the bucket that `unreachable` errors of routes share.
SYSCTLS = {
    "net.ipv4.conf.all.rp_filter": "0",
    "net.ipv4.conf.default.rp_filter": "0",
    "net.ipv4.icmp_ratemask": "0",
    "net.ipv6.icmp.ratelimit": "0",
    "net.ipv6.conf.all.accept_ra": "0",
    "net.ipv6.conf.default.accept_ra": "0",
    "net.ipv6.conf.default.accept_dad": "0",
    "net.ipv6.conf.default.router_solicitations": "0",
}
