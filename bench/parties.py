"""The processes of the bench: load generators, edges and connectors, and what they cost."""

import json
import os
import select
import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("ONEPING_BUILD", ROOT / "build" / "release")).resolve()
ONEPING = BUILD / "oneping"
NOBODY = 65534
EDGE_PORT, LOAD_EDGE_PORT = 7844, 7845
ROUTES = ("172.16.10.0/24", "fd00:172:16:10::/64")

EDGE_YAML = """\
listen: [192.0.2.1:{port}, 198.51.100.1:{port}, "[fd00:198:51:100::1]:{port}"]
state: {folder}/state
name: bench
hop-address: {{ipv4: 172.68.101.57, ipv6: "fd00:172:68:101::57"}}
tun:
  name: oneping0
  mtu: 1500
  addresses: [100.96.0.1/32, "fd00:100:96::1/128"]
admin: 127.0.0.1:9790
api: {{socket: {folder}/edge.sock}}
flow-log: {{file: none}}
"""

# The connector as an ordinary user without any capability. It sees its program and token on a tmpfs
# of its own mount namespace, so that the checkout may lie in a folder closed to other users.
AS_NOBODY = """\
set -e
mount -t tmpfs -o mode=0755 tmpfs /mnt
touch /mnt/oneping
mount --bind "$1" /mnt/oneping
install -m 0400 -o {nobody} -g {nobody} "$2" /mnt/token
shift 2
cd /mnt
exec setpriv --reuid={nobody} --regid={nobody} --clear-groups --inh-caps=-all --ambient-caps=-all \\
    --bounding-set=-all --no-new-privs /mnt/oneping connector run --token-file /mnt/token "$@"
"""


class EchoLoad:
    """Measures from one host to one destination by a bare ping socket."""

    def __init__(self, world, host, destination):
        self._world, self._host, self._destination = world, host, destination

    def measure(self, *options):
        argv = [BUILD / "bench" / "echo_load", self._destination, *options]
        return json.loads(self._world.run(self._host, argv))


class UdpLoad:
    """Measures from one host to one UDP echo server."""

    def __init__(self, world, host, server):
        self._world, self._host, self._server = world, host, server

    def measure(self, *options):
        argv = [BUILD / "bench" / "udp_load", "ask", self._server, *options]
        return json.loads(self._world.run(self._host, argv))


def start_udp_server(world, folder, mode, host, *addresses):
    """`echo` or `relay`."""
    argv = [BUILD / "bench" / "udp_load", mode, *addresses]
    return Service(world, host, argv, folder / f"udp_{mode}.log")


class LoadEdge:
    """Plays the edge towards one connector."""

    def __init__(self, world, folder, destination):
        self._world, self._destination = world, destination
        argv = [
            *(BUILD / "bench" / "load_edge", "--listen", f"198.51.100.1:{LOAD_EDGE_PORT}"),
            *("--certificate", folder / "state" / "edge.pem"),
            *("--key", folder / "state" / "edge-key.pem"),
        ]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = world.start("edge", argv, **pipes, text=True, bufsize=1)

    def wait_until_ready(self):
        self._answer(15)

    def measure(self, *options, destination=None):
        words = ("--destination", destination or self._destination, *options)
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        return self._answer(120)

    def stop(self):
        self._process.stdin.close()
        self._world.stop(self._process)

    def _answer(self, seconds):
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            raise RuntimeError(f"load_edge said nothing for {seconds} s")
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("load_edge has ended")
        return json.loads(line)


class LoadDevices:
    """Many devices that enrol at an edge, open their sessions and rest."""

    def __init__(self, world, folder, count):
        key = folder / "enrolment.key"
        administer(folder, "key", "create", "--reusable", "--out", key)
        argv = [BUILD / "bench" / "load_devices", "--edge", f"198.51.100.1:{EDGE_PORT}"]
        argv += ["--key-file", key, "--devices", count]
        self._world = world
        self._process = world.start("edge", argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                    text=True, bufsize=1)

    def wait_for_sessions(self, seconds=120):
        """How long it took."""
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            raise RuntimeError(f"not all devices have a session after {seconds} s")
        return json.loads(self._process.stdout.readline())["seconds"]

    def lost(self):
        """Devices that have lost their session."""
        lost = 0
        while select.select([self._process.stdout], [], [], 0)[0]:
            line = self._process.stdout.readline()
            if not line:
                break
            lost = json.loads(line)["lost"]
        return lost

    def stop(self):
        self._process.stdin.close()
        self._world.stop(self._process)


class Service:
    """An oneping process; its CPU time and memory."""

    def __init__(self, world, host, argv, log):
        self.log = log
        self._world = world
        with log.open("w") as out:
            self._process = world.start(host, argv, stdout=out, stderr=out, stdin=subprocess.DEVNULL)

    def cpu_seconds(self):
        """User and system time of all threads, in the scheduler's nanoseconds."""
        tasks = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) * 1e-9

    def resident_bytes(self):
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("a process without resident memory")

    def stop(self):
        self._world.stop(self._process)

    def check(self):
        if self._process.poll() is not None:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])
            raise RuntimeError(f"{self.log.stem} has ended; its log:\n{tail}")


def start_edge(world, folder):
    """An edge with a tunnel and its routes. The connector's user may read nothing here."""
    (folder / "edge.yml").write_text(EDGE_YAML.format(folder=folder, port=EDGE_PORT))
    argv = [ONEPING, "edge", "run", "--config", folder / "edge.yml"]
    edge = Service(world, "edge", argv, folder / "edge.log")
    wait_for_file(folder / "edge.sock", edge)
    administer(folder, "tunnel", "create", "bench")
    for prefix in ROUTES:
        administer(folder, "route", "add", prefix, "bench")
    administer(folder, "tunnel", "token", "bench", "--out", folder / "token")
    return edge


def wait_for_file(path, service, seconds=15):
    deadline = time.monotonic() + seconds
    while not path.exists():
        service.check()
        if time.monotonic() > deadline:
            raise RuntimeError(f"{path.name} did not appear in {seconds} s")
        time.sleep(0.02)


def administer(folder, *command):
    argv = [ONEPING, *command, "--api", folder / "edge.sock"]
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)


def time_api(folder, path):
    """Milliseconds that the control API took to answer."""
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(str(folder / "edge.sock"))
        begun = time.monotonic()
        link.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while piece := link.recv(1 << 16):
            answer += piece
        taken = time.monotonic() - begun
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"{path}: {answer[:100]}")
    return taken * 1000


def start_connector(world, folder, name, port, admin):
    argv = ["sh", "-c", AS_NOBODY.format(nobody=NOBODY), "sh", ONEPING, folder / "token"]
    argv += ["--edge", f"198.51.100.1:{port}", "--admin", f"127.0.0.1:{admin}"]
    return Service(world, "connector", argv, folder / f"{name}.log")


def start_device(world, folder):
    """A device, enrolled and up, as root has it."""
    key, state = folder / "device.key", folder / "device"
    administer(folder, "key", "create", "--out", key)
    world.run("device", [ONEPING, "device", "enroll", "--edge", f"192.0.2.1:{EDGE_PORT}",
                         "--name", "bench", "--key-file", key, "--state", state])  # fmt: skip
    argv = [ONEPING, "device", "up", "--foreground", "--state", state, "--admin", "127.0.0.1:9793"]
    return Service(world, "device", argv, folder / "device.log")


def wait_for_path(world, host, services, destination, seconds=20):
    """Until a ping from that host goes through its TUN, the connector, and back."""
    deadline = time.monotonic() + seconds
    ping = world.command(host, ["ping", "-c1", "-W1", "-n", destination])
    while subprocess.run(ping, capture_output=True).returncode != 0:
        for service in services:
            service.check()
        if time.monotonic() > deadline:
            raise RuntimeError(f"no ping from {host} to {destination} in {seconds} s")
        time.sleep(0.05)
