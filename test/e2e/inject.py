"""Puts broken packets into the edge through its TUN device: inject.py KIND FAMILY COUNT.

A packet socket on oneping0 hands any bytes to the reader of the TUN. They go out in small batches,
so that the device's queue is never what loses one. KINDS names, for each kind, the reasons under
which the product may count it.
"""

import random
import socket
import sys
import time
from collections.abc import Iterator

from packets import echo_request, icmp, ipv4, ipv6

ORIGIN = {4: "172.16.10.120", 6: "fd00:172:16:10::120"}
# Not the address that the test pings from: the errors that come back, a hundred at once, would
# crowd the replies out of its ping's receive buffer.
SOURCE = {4: "100.96.0.2", 6: "fd00:100:96::2"}
BROADCAST = "172.16.10.255"
ECHO_REPLY = {4: 0, 6: 129}
UNREACHABLE = {4: 3, 6: 1}


def ip(v: int, payload: bytes, **fields) -> bytes:
    return (ipv4 if v == 4 else ipv6)(SOURCE[v], ORIGIN[v], payload, **fields)


def echo(v: int, sequence: int, size: int = 56) -> bytes:
    return echo_request(SOURCE[v], ORIGIN[v], sequence, bytes(size))


def message(v: int, kind: int, rest: bytes) -> bytes:
    return icmp(SOURCE[v], ORIGIN[v], kind, rest=rest)


def cut(v: int, n: int) -> bytes:
    packet = ip(v, echo(v, n))
    return packet[: 1 + n % (len(packet) - 1)]


def version(v: int, n: int) -> bytes:
    wrong = [value for value in range(16) if value not in (4, 6)]
    return ip(v, echo(v, n), version=wrong[n % len(wrong)])


def header_length(_: int, n: int) -> bytes:
    return ip(4, echo(4, n), words=n % 5)


def short_length(_: int, n: int) -> bytes:
    return ip(4, echo(4, n), length=n % 20)


def long_length(v: int, n: int) -> bytes:
    return ip(v, echo(v, n), length=1000 + n % 60000)


def ip_checksum(_: int, n: int) -> bytes:
    return ip(4, echo(4, n), sum_error=1 + n % 0xFFFE)


def icmp_checksum(v: int, n: int) -> bytes:
    sound = echo(v, n)
    return ip(v, sound[:2] + bytes([sound[2] ^ (1 + n % 255)]) + sound[3:])


def short_icmp(v: int, n: int) -> bytes:
    return ip(v, echo(v, n)[: n % 8])


def fragment(v: int, n: int) -> bytes:
    offset, more = divmod(n % 64, 2)
    if offset == 0:
        more = 1
    if v == 4:
        return ip(4, echo(4, n), fragment=more << 13 | offset)
    header = bytes([58, 0]) + (offset << 3 | more).to_bytes(2, "big") + n.to_bytes(4, "big")
    return ip(6, header + echo(6, n), next_header=44)


def extension_header(_: int, n: int) -> bytes:
    chain = (43, 60, 51, 135, 139)  # routing, destination options, AH, mobility, HIP
    return ip(6, bytes([58, 0, 1, 4, 0, 0, 0, 0]) + echo(6, n), next_header=chain[n % 5])


def unknown_type(v: int, n: int) -> bytes:
    known = {4: (0, 3, 4, 5, 8, 11, 12), 6: (1, 2, 3, 4, 128, 129)}[v]
    kinds = [kind for kind in range(256) if kind not in known]
    return ip(v, message(v, kinds[n % len(kinds)], n.to_bytes(4, "big") + bytes(8)))


def unasked_reply(v: int, n: int) -> bytes:
    return ip(v, message(v, ECHO_REPLY[v], n.to_bytes(4, "big") + bytes(56)))


def unasked_error(v: int, n: int) -> bytes:
    return ip(v, message(v, UNREACHABLE[v], bytes(4) + ip(v, echo(v, n))))


def broken_quote(v: int, n: int) -> bytes:
    return ip(v, message(v, UNREACHABLE[v], bytes(4) + ip(v, echo(v, n))[: n % 48]))


def protocol(v: int, n: int) -> bytes:
    # TCP, SCTP, GRE, ESP, the other family's ICMP, the reserved one
    number = (6, 132, 47, 50, 58 if v == 4 else 1, 255)[n % 6]
    return ip(v, bytes(20), **{"protocol" if v == 4 else "next_header": number})


def no_hops_left(v: int, n: int) -> bytes:
    return ip(v, echo(v, n), **{"ttl" if v == 4 else "hop_limit": 0})


def broadcast(_: int, n: int) -> bytes:
    return ipv4(SOURCE[4], BROADCAST, echo_request(SOURCE[4], BROADCAST, n))


def garbage(_: int, n: int) -> bytes:
    dice = random.Random(n)
    return dice.randbytes(1 + dice.randrange(1400))


# What becomes of pieces that never make a packet; some wait for the others until their time is up.
OF_PIECES = {
    "bad_fragment", "fragment_repeated", "fragment_overlap", "reassembly_full", "reassembly_timeout",
}  # fmt: skip

ANY_REASON: set[str] = set()

# Kind: how it is made, for which families, and under which reasons it may be counted.
KINDS = {
    "cut": (cut, (4, 6), {"truncated"}),
    "version": (version, (4, 6), {"bad_version"}),
    "header_length": (header_length, (4,), {"bad_header_length"}),
    "short_length": (short_length, (4,), {"bad_total_length"}),
    "long_length": (long_length, (4, 6), {"truncated"}),
    "ip_checksum": (ip_checksum, (4,), {"bad_ip_checksum"}),
    "icmp_checksum": (icmp_checksum, (4, 6), {"bad_icmp_checksum"}),
    "short_icmp": (short_icmp, (4, 6), {"truncated"}),
    "fragment": (fragment, (4, 6), OF_PIECES),
    "extension_header": (extension_header, (6,), {"extension_header"}),
    "unknown_type": (unknown_type, (4, 6), {"not_echo_request"}),
    "unasked_reply": (unasked_reply, (4, 6), {"not_echo_request"}),
    "unasked_error": (unasked_error, (4, 6), {"not_echo_request"}),
    "broken_quote": (broken_quote, (4, 6), {"not_echo_request"}),
    "protocol": (protocol, (4, 6), {"other_protocol"}),
    "no_hops_left": (no_hops_left, (4, 6), {"hop_limit_exceeded"}),
    "broadcast": (broadcast, (4,), {"destination_refused"}),
    "garbage": (garbage, (4,), ANY_REASON),
}


def packets(kind: str, v: int, count: int) -> Iterator[bytes]:
    make = KINDS[kind][0]
    return (make(v, n) for n in range(count))


def main() -> None:
    kind, v, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    device = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    device.bind(("oneping0", 0x0800 if v == 4 else 0x86DD))
    for n, packet in enumerate(packets(kind, v, count)):
        device.send(packet)
        if n % 32 == 31:
            time.sleep(0.001)


if __name__ == "__main__":
    main()
