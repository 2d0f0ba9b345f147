"""Sends Time Exceeded to a connector: flood_errors.py RATE SECONDS CONNECTOR DESTINATION ID…

Each quotes an echo request from CONNECTOR to DESTINATION with one of the ids and any sequence
number. Prints how many were sent.
"""

import random
import socket
import struct
import sys
import time

from packets import checksum, echo_request, ipv4, ipv6, version_of

TIME_EXCEEDED = {4: 11, 6: 3}
BATCH = 20


def error(v: int, source: str, destination: str, echo_id: int, sequence: int) -> bytes:
    request = echo_request(source, destination, sequence, bytes(56))
    request = request[:4] + struct.pack("!H", echo_id) + request[6:]
    quote = (ipv4 if v == 4 else ipv6)(source, destination, request)
    head = bytes([TIME_EXCEEDED[v], 0, 0, 0, 0, 0, 0, 0])
    total = checksum(head + quote) if v == 4 else 0  # the kernel fills in ICMPv6's
    return head[:2] + struct.pack("!H", total) + head[4:] + quote


def main() -> None:
    rate, seconds = int(sys.argv[1]), float(sys.argv[2])
    connector, destination, ids = sys.argv[3], sys.argv[4], [int(i) for i in sys.argv[5:]]
    v = version_of(connector)
    errors = [
        error(v, connector, destination, random.choice(ids), random.randrange(65536))
        for _ in range(2000)
    ]
    family, protocol = (
        (socket.AF_INET, socket.IPPROTO_ICMP) if v == 4 else (socket.AF_INET6, socket.IPPROTO_ICMPV6)
    )
    link = socket.socket(family, socket.SOCK_RAW, protocol)
    begin = time.monotonic()
    sent = 0
    while (passed := time.monotonic() - begin) < seconds:
        while sent < passed * rate:
            for n in range(BATCH):
                link.sendto(errors[(sent + n) % len(errors)], (connector, 0))
            sent += BATCH
        time.sleep(0.0005)
    print(sent)


if __name__ == "__main__":
    main()
