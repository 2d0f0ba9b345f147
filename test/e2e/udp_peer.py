"""Both ends of UDP tests, on hosts of the lab.

    udp_peer.py echo ADDRESS FIRST LAST       answers on every port from FIRST to LAST: what came, and
                                              behind it the port, as two bytes
    udp_peer.py cross ADDRESS PORT COUNT FROM...   sends COUNT datagrams in all from the addresses
                                              FROM, all from one port; prints what came back wrong
    udp_peer.py many ADDRESS FIRST LAST       sends one datagram to each port from one socket
    udp_peer.py ask ADDRESS PORT SECONDS      asks every 10 ms; prints the longest silence, in seconds
    udp_peer.py refused ADDRESS PORT          prints how an answer fails, and after how many ms
"""

import json
import select
import selectors
import socket
import struct
import sys
import time

WINDOW = 64  # datagrams under way
PATIENCE = 2.0  # seconds, for the last answers
SOURCE_PORT = 41000


def udp(address: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    return made


def echo(address: str, first: int, last: int) -> None:
    selector = selectors.DefaultSelector()
    for port in range(first, last + 1):
        server = udp(address)
        server.bind((address, port))
        server.setblocking(False)
        selector.register(server, selectors.EVENT_READ, struct.pack("!H", port))
    print("ready", flush=True)
    while True:
        for key, _ in selector.select():
            try:
                for _ in range(32):
                    payload, peer = key.fileobj.recvfrom(65536)
                    key.fileobj.sendto(payload + key.data, peer)
            except BlockingIOError:
                pass


def cross(address: str, port: int, count: int, sources: list[str]) -> dict:
    sockets = []
    for source in sources:
        mine = udp(source)
        mine.bind((source, SOURCE_PORT))
        mine.connect((address, port))
        mine.setblocking(False)
        sockets.append(mine)
    each = count // len(sockets)
    answered = [set() for _ in sockets]
    wrong = 0

    def read_all() -> None:
        nonlocal wrong
        for who, mine in enumerate(sockets):
            try:
                while True:
                    whose, number, answered_by = struct.unpack("!HIH", mine.recv(64))
                    if whose != who or answered_by != port or number in answered[who]:
                        wrong += 1
                    answered[who].add(number)
            except BlockingIOError:
                pass

    def are_all_within(missing: int, sent: int) -> bool:
        """Waits until no client misses more than that; whether it is so in time."""
        while sent - min(map(len, answered)) > missing:
            if not select.select(sockets, [], [], PATIENCE)[0]:
                return False
            read_all()
        return True

    for number in range(each):
        for who, mine in enumerate(sockets):
            mine.send(struct.pack("!HI", who, number))
        if not are_all_within(WINDOW, number + 1):
            break
    are_all_within(0, each)
    return {"answered": sum(map(len, answered)), "wrong": wrong}


def many(address: str, first: int, last: int) -> dict:
    mine = udp(address)
    mine.settimeout(PATIENCE)
    right, wrong = set(), 0
    for low in range(first, last + 1, WINDOW):
        ports = range(low, min(low + WINDOW, last + 1))
        for port in ports:
            mine.sendto(struct.pack("!I", port * 3), (address, port))
        for _ in ports:
            try:
                payload, peer = mine.recvfrom(64)
            except TimeoutError:
                break
            number, answered_by = struct.unpack("!IH", payload)
            if number == peer[1] * 3 and answered_by == peer[1]:
                right.add(peer[1])
            else:
                wrong += 1
    return {"right": len(right), "wrong": wrong}


def ask(address: str, port: int, seconds: float) -> dict:
    mine = udp(address)
    mine.connect((address, port))
    mine.setblocking(False)
    begin = last = time.monotonic()
    longest, answered, asked = 0.0, 0, 0
    while time.monotonic() < begin + seconds:
        asked += 1
        try:
            mine.send(struct.pack("!I", asked))
        except OSError:
            pass  # an error about an earlier one
        until = begin + asked * 0.01
        while (now := time.monotonic()) < until:
            try:
                mine.recv(64)
                answered += 1
                longest = max(longest, now - last)
                last = now
            except BlockingIOError:
                time.sleep(0.001)
            except OSError:
                pass
    return {"asked": asked, "answered": answered,
            "silence": round(max(longest, time.monotonic() - last), 3)}


def refused(address: str, port: int) -> dict:
    mine = udp(address)
    mine.connect((address, port))
    mine.settimeout(PATIENCE)
    begin = time.monotonic()
    mine.send(b"is anybody there")
    try:
        mine.recv(64)
        error = "none"
    except OSError as failure:
        error = type(failure).__name__
    return {"error": error, "ms": (time.monotonic() - begin) * 1000}


def main() -> None:
    what, address, *rest = sys.argv[1:]
    if what == "echo":
        echo(address, int(rest[0]), int(rest[1]))
    elif what == "cross":
        print(json.dumps(cross(address, int(rest[0]), int(rest[1]), rest[2:])))
    elif what == "many":
        print(json.dumps(many(address, int(rest[0]), int(rest[1]))))
    elif what == "ask":
        print(json.dumps(ask(address, int(rest[0]), float(rest[1]))))
    elif what == "refused":
        print(json.dumps(refused(address, int(rest[0]))))


if __name__ == "__main__":
    main()
