"""Sends echo requests with random payloads and compares the replies byte for byte.

Usage: echo_check.py ADDRESS PAYLOAD_BYTES COUNT. Raw sockets, so that neither id nor sequence nor
payload is anybody else's. Prints what differs and exits 1.
"""

import os
import random
import socket
import struct
import sys
import time

from packets import checksum


IP_MTU_DISCOVER, IP_PMTUDISC_DONT = 10, 0  # of Linux; Python has no names for them


def request(v6: bool, echo_id: int, sequence: int, payload: bytes) -> bytes:
    kind = 128 if v6 else 8
    header = struct.pack("!BBHHH", kind, 0, 0, echo_id, sequence)
    # The kernel fills in the ICMPv6 checksum.
    total = 0 if v6 else checksum(header + payload)
    return struct.pack("!BBHHH", kind, 0, total, echo_id, sequence) + payload


def reply(link: socket.socket, v6: bool, echo_id: int, sequence: int) -> bytes | None:
    """The ICMP message of our reply; other traffic is passed over."""
    deadline = time.monotonic() + 2
    while (left := deadline - time.monotonic()) > 0:
        link.settimeout(left)
        try:
            message = link.recv(65535)
        except TimeoutError:
            break
        if not v6:
            message = message[(message[0] & 15) * 4 :]
        if message[0] == (129 if v6 else 0) and message[4:8] == struct.pack("!HH", echo_id, sequence):
            return message
    return None


def main() -> int:
    address, size, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    v6 = ":" in address
    family, protocol = (
        (socket.AF_INET6, socket.IPPROTO_ICMPV6) if v6 else (socket.AF_INET, socket.IPPROTO_ICMP)
    )
    link = socket.socket(family, socket.SOCK_RAW, protocol)
    if not v6:  # may be sent in pieces
        link.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
    echo_id = random.randrange(65536)
    for sequence in (random.randrange(65536) for _ in range(count)):
        payload = os.urandom(size)
        link.sendto(request(v6, echo_id, sequence, payload), (address, 0))
        message = reply(link, v6, echo_id, sequence)
        if message is None:
            print(f"no reply: id {echo_id}, sequence {sequence}, {size} bytes")
            return 1
        if message[8:] != payload:
            print(f"sent {payload.hex()}\ngot  {message[8:].hex()}")
            return 1
    return 0


sys.exit(main())
