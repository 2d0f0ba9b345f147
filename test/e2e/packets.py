"""IP and ICMP packets as bytes, sound and broken, for the injector and the checks."""

import socket
import struct

ECHO_REQUEST = {4: 8, 6: 128}
ICMP = {4: 1, 6: 58}


def checksum(data: bytes) -> int:
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address(text: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def version_of(destination: str) -> int:
    return 6 if ":" in destination else 4


def icmp(source: str, destination: str, kind: int, code: int = 0, rest: bytes = b"") -> bytes:
    """An ICMP message with a right checksum; `rest` is everything behind the checksum."""
    message = struct.pack("!BBH", kind, code, 0) + rest
    covered = message
    if version_of(destination) == 6:
        length = struct.pack("!II", len(message), ICMP[6])
        covered = address(source) + address(destination) + length + message
    return message[:2] + struct.pack("!H", checksum(covered)) + message[4:]


def echo_request(source: str, destination: str, sequence: int, data: bytes = b"") -> bytes:
    rest = struct.pack("!HH", 0x6F70, sequence & 0xFFFF) + data
    return icmp(source, destination, ECHO_REQUEST[version_of(destination)], rest=rest)


def ipv4(
    source: str,
    destination: str,
    payload: bytes,
    *,
    protocol: int = 1,
    ttl: int = 64,
    fragment: int = 0,  # flags and offset
    options: bytes = b"",
    version: int = 4,
    words: int | None = None,
    length: int | None = None,
    sum_error: int = 0,
) -> bytes:
    words = 5 + len(options) // 4 if words is None else words
    length = 20 + len(options) + len(payload) if length is None else length
    first = version << 4 | words
    head = struct.pack("!BBHHHBBH", first, 0, length, 0, fragment, ttl, protocol, 0)
    header = head + address(source) + address(destination) + options
    total = checksum(header) ^ sum_error
    return header[:10] + struct.pack("!H", total) + header[12:] + payload


def ipv6(
    source: str,
    destination: str,
    payload: bytes,
    *,
    next_header: int = 58,
    hop_limit: int = 64,
    version: int = 6,
    length: int | None = None,
) -> bytes:
    length = len(payload) if length is None else length
    head = struct.pack("!IHBB", version << 28, length, next_header, hop_limit)
    return head + address(source) + address(destination) + payload
