"""Four hosts in network namespaces of this run's own: device -- edge -- connector -- origin.

    device  192.0.2.10 -- 192.0.2.1  edge  198.51.100.1 -- 198.51.100.2  connector
    connector  172.16.10.100 -- 172.16.10.120  origin

What the origin gets for SILENT it throws away without a word. Everything is gone after `with`.
"""

import json
import os
import signal
import subprocess
import time

ORIGIN = {4: "172.16.10.120", 6: "fd00:172:16:10::120"}
SILENT = {4: "172.16.20.1", 6: "fd00:172:16:20::1"}
HOSTS = ("device", "edge", "connector", "origin")

# Unprivileged ping sockets for everybody; a blackhole wants a router.
SYSCTLS = (
    "net.ipv4.ping_group_range=0 2147483647",
    "net.ipv4.ip_forward=1",
    "net.ipv6.conf.all.forwarding=1",
)


class World:
    def __init__(self):
        self._prefix = f"oneping-bench-{os.getpid()}"
        self._processes = []

    def __enter__(self):
        try:
            self._build()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def name(self, host):
        return f"{self._prefix}-{host}"

    def command(self, host, argv):
        """What runs argv on that host; it execs, so the process id stays."""
        return ["ip", "netns", "exec", self.name(host), *map(str, argv)]

    def run(self, host, argv):
        """Runs to the end; gives its output."""
        done = subprocess.run(self.command(host, argv), capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, argv))}: {done.stderr.strip()}")
        return done.stdout

    def start(self, host, argv, **popen):
        process = subprocess.Popen(self.command(host, argv), start_new_session=True, **popen)
        self._processes.append(process)
        return process

    def stop(self, process):
        for number, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            if process.poll() is not None:
                break
            process.send_signal(number)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
        self._processes.remove(process)

    def received_packets(self, host, device="private"):
        """How many have come in on that device so far."""
        links = json.loads(subprocess.check_output(["ip", "-n", self.name(host), "-s", "-j", "link", "show", device]))
        return links[0]["stats64"]["rx"]["packets"]

    def close(self):
        for process in list(self._processes):
            self.stop(process)
        for host in HOSTS:
            subprocess.run(["ip", "netns", "delete", self.name(host)], stderr=subprocess.DEVNULL)

    def _build(self):
        for host in HOSTS:
            _ip(None, f"netns add {self.name(host)}")
            _ip(self.name(host), "link set lo up")
            self.run(host, ["sysctl", "-q", "-w", *SYSCTLS])
        self._cable("device", "edge", "user", "192.0.2.{}/24", "fd00:192:0:2::{}/64", 10, 1)
        self._cable("edge", "connector", "underlay", "198.51.100.{}/24", "fd00:198:51:100::{}/64", 1, 2)
        self._cable("connector", "origin", "private", "172.16.10.{}/24", "fd00:172:16:10::{}/64", 100, 120)
        for family, address in SILENT.items():
            prefix = f"{address}/{32 if family == 4 else 128}"
            _ip(self.name("connector"), f"route add {prefix} via {ORIGIN[family]}")
            _ip(self.name("origin"), f"route add blackhole {prefix}")
        # The first packet in each direction finds its neighbour known.
        for family in (4, 6):
            self._until_reachable("device", {4: "192.0.2.1", 6: "fd00:192:0:2::1"}[family])
            self._until_reachable("edge", {4: "198.51.100.2", 6: "fd00:198:51:100::2"}[family])
            self._until_reachable("connector", ORIGIN[family])

    def _cable(self, left, right, device, v4, v6, left_host, right_host):
        _ip(
            self.name(left),
            f"link add {device} type veth peer name {device} netns {self.name(right)}",
        )
        for host, number in ((left, left_host), (right, right_host)):
            _ip(self.name(host), f"link set {device} up")
            _ip(self.name(host), f"address add {v4.format(number)} dev {device}")
            _ip(self.name(host), f"address add {v6.format(number)} dev {device} nodad")

    def _until_reachable(self, host, address):
        deadline = time.monotonic() + 10
        while True:
            ping = ["ping", "-c1", "-W1", "-n", address]
            if subprocess.run(self.command(host, ping), capture_output=True).returncode == 0:
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"{host} cannot reach {address} in the bench's namespaces")


def _ip(namespace, line):
    where = ["-n", namespace] if namespace else []
    subprocess.run(["ip", *where, *line.split()], check=True)
