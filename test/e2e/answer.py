"""Answers echo requests in place of the kernel, rightly or not: answer.py HOW ADDRESS OTHER-ADDRESS.

Says "listening" when it does. HOW is one of those below; raw sockets, so that anything can be said.
"""

import socket
import struct
import sys
import time

from packets import ECHO_REQUEST, checksum, version_of

ECHO_REPLY = {4: 0, 6: 129}
LATE = 1.6  # seconds


def raw(v: int, address: str) -> socket.socket:
    family = socket.AF_INET if v == 4 else socket.AF_INET6
    protocol = socket.IPPROTO_ICMP if v == 4 else socket.IPPROTO_ICMPV6
    link = socket.socket(family, socket.SOCK_RAW, protocol)
    link.bind((address, 0))
    return link


def reply(v: int, echo_id: int, sequence: int, payload: bytes) -> bytes:
    # The kernel fills in the ICMPv6 checksum.
    head = struct.pack("!BBHHH", ECHO_REPLY[v], 0, 0, echo_id, sequence)
    total = checksum(head + payload) if v == 4 else 0
    return head[:2] + struct.pack("!H", total) + head[4:] + payload


def main() -> None:
    how, address, other_address = sys.argv[1:]
    v = version_of(address)
    link, other = raw(v, address), raw(v, other_address)
    waiting: list[tuple[float, bytes, tuple]] = []
    print("listening")
    while True:
        link.settimeout(max(0.001, waiting[0][0] - time.monotonic()) if waiting else None)
        try:
            message, sender = link.recvfrom(65535)
        except TimeoutError:
            _, late, to = waiting.pop(0)
            link.sendto(late, to)
            continue
        if v == 4:
            message = message[(message[0] & 15) * 4 :]
        if message[0] != ECHO_REQUEST[v]:
            continue
        echo_id, sequence = struct.unpack("!HH", message[4:8])
        payload = message[8:]
        right = reply(v, echo_id, sequence, payload)
        if how == "late":
            waiting.append((time.monotonic() + LATE, right, sender))
        elif how == "doubled":
            link.sendto(right, sender)
            link.sendto(right, sender)
        elif how == "other-address":
            other.sendto(right, sender)
        elif how == "other-payload":
            wrong = payload[:-1] + bytes([payload[-1] ^ 1])
            link.sendto(reply(v, echo_id, sequence, wrong), sender)
        elif how == "shorter-payload":
            link.sendto(reply(v, echo_id, sequence, payload[:-1]), sender)
        elif how == "other-sequence":
            link.sendto(reply(v, echo_id, sequence ^ 0x4000, payload), sender)
        elif how == "unasked":
            for n in range(100):
                link.sendto(reply(v, echo_id, (sequence + 1000 + n) & 0xFFFF, payload), sender)
            link.sendto(right, sender)
        else:
            sys.exit(f"answer.py: no such way: {how}")


if __name__ == "__main__":
    main()
