"""Sends first halves of echo requests whose other halves never come: half_fragments.py FROM TO SECONDS.

A packet socket on oneping0 hands them to the edge, some thousands a second, each of another packet.
Prints how many there were.
"""

import socket
import sys
import time

from packets import echo_request, ipv4, ipv6, version_of

MORE = 1


def half(source: str, destination: str, number: int) -> bytes:
    piece = echo_request(source, destination, number, bytes(1992))[:1200]
    if version_of(destination) == 4:
        packet = bytearray(ipv4(source, destination, piece, fragment=MORE << 13))
        # The identification, and what the checksum then is.
        identification = number & 0xFFFF
        total = int.from_bytes(packet[10:12], "big") ^ 0xFFFF
        total += identification
        total = (total & 0xFFFF) + (total >> 16)
        packet[4:6] = identification.to_bytes(2, "big")
        packet[10:12] = (total ^ 0xFFFF).to_bytes(2, "big")
        return bytes(packet)
    header = bytes([58, 0]) + MORE.to_bytes(2, "big") + number.to_bytes(4, "big")
    return ipv6(source, destination, header + piece, next_header=44)


def main() -> None:
    source, destination, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    halves = [half(source, destination, number) for number in range(30_000)]
    device = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    device.bind(("oneping0", 0x0800 if version_of(destination) == 4 else 0x86DD))
    end = time.monotonic() + seconds
    sent = 0
    while time.monotonic() < end:
        for packet in halves[sent % len(halves) :][:32]:
            device.send(packet)
            sent += 1
        time.sleep(0.008)
    print(sent)


if __name__ == "__main__":
    main()
