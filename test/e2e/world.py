"""What the end-to-end tests say to the lab, and the addresses of both families."""

import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "lab"))

import namespaces  # noqa: E402  (the lab's own module)
import roles  # noqa: E402
from api import Api  # noqa: E402

HERE = Path(__file__).resolve().parent


# Where a user runs his tools.
USER = "edge"


@dataclass(frozen=True)
class Family:
    name: str
    origin: str
    far: str
    hop: str  # the edge's
    connector: str  # in the private network
    sources: tuple[str, str]  # on the edge's TUN
    device: str  # the addresses of the lab's devices
    device2: str
    without_route: str
    # Behind the connector: two routers, what the first of them will not pass on, and nobody.
    routers: tuple[str, str]
    refused_by_r1: dict[str, str]  # address: what ping prints
    nobody: str
    far_prefix: str
    # What ping prints for an error from a router.
    host_unreachable: str
    net_unreachable: str
    prohibited: str

    @property
    def hops(self) -> list[str]:
        return [self.hop, self.connector, self.origin]


V4 = Family(
    name="ipv4",
    origin="172.16.10.120",
    far="10.20.30.40",
    hop="172.68.101.57",
    connector="172.16.10.100",
    sources=("100.96.0.1", "100.96.0.2"),
    device="100.96.0.3",
    device2="100.96.0.4",
    without_route="10.99.0.1",
    routers=("172.16.10.1", "10.20.1.2"),
    refused_by_r1={
        "10.66.0.1": "Destination Net Unreachable",
        "10.67.0.1": "Packet filtered",
    },
    nobody="172.16.10.250",
    far_prefix="10.20.0.0/16",
    host_unreachable="Destination Host Unreachable",
    net_unreachable="Destination Net Unreachable",
    prohibited="Packet filtered",
)
V6 = Family(
    name="ipv6",
    origin="fd00:172:16:10::120",
    far="fd00:10:20:30::40",
    hop="fd00:172:68:101::57",
    connector="fd00:172:16:10::100",
    sources=("fd00:100:96::1", "fd00:100:96::2"),
    device="fd00:100:96::3",
    device2="fd00:100:96::4",
    without_route="fd00:10:99::1",
    routers=("fd00:172:16:10::1", "fd00:10:20:1::2"),
    refused_by_r1={
        "fd00:10:66::1": "Destination unreachable: No route",
        "fd00:10:67::1": "Destination unreachable: Administratively prohibited",
    },
    nobody="fd00:172:16:10::250",
    far_prefix="fd00:10:20::/48",
    host_unreachable="Destination unreachable: Address unreachable",
    net_unreachable="Destination unreachable: No route",
    prohibited="Destination unreachable: Administratively prohibited",
)


USER_OF = "user@"


class Lab:
    """The lab by its command line; every call is bounded in time."""

    def __init__(self):
        self.api = self.new_api()

    @staticmethod
    def new_api() -> Api:
        return Api(roles.API)

    def __call__(self, *arguments: str, timeout: float = 60) -> str:
        done = subprocess.run(
            [ROOT / "lab" / "lab", *arguments], capture_output=True, text=True, timeout=timeout
        )
        assert done.returncode == 0, f"lab {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def run(self, host: str, *command, timeout: float = 60) -> subprocess.CompletedProcess:
        """Runs a command on a host to its end; stdout holds its errors too."""
        return subprocess.run(
            self._exec(host, command),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
        )

    def begin(self, host: str, *command, **popen) -> subprocess.Popen:
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True} | popen
        return subprocess.Popen(self._exec(host, command), **options)

    def forget_mtus(self, *hosts: str) -> None:
        """What the hosts' kernels have learnt of paths in earlier tests."""
        for host in hosts:
            for family in ("-4", "-6"):
                self.run(host, "ip", family, "route", "flush", "cache")

    def log(self, role: str) -> str:
        return roles.ROLES[role].log.read_text(errors="replace")

    def pid(self, role: str) -> int | None:
        return roles.ROLES[role].pid()

    def ready(self, role: str) -> dict:
        """The body of /ready, whatever the status; empty while nobody listens."""
        text = self._get(role, "/ready")
        return json.loads(text) if text else {}

    def metrics(self, role: str) -> dict[str, float]:
        """/metrics: sample with its labels, as printed, to value."""
        samples = {}
        for line in self._get(role, "/metrics").splitlines():
            if line and not line.startswith("#"):
                sample, _, value = line.rpartition(" ")
                samples[sample] = float(value)
        return samples

    def configure_edge(self, edit) -> None:
        """Changes the edge's configuration file by a function of its text."""
        roles.EDGE_CONFIG.write_text(edit(roles.EDGE_YAML))

    def ping_groups(self, groups: str) -> str:
        """Sets which groups may open ping sockets on the connector's host; what was set before."""
        name = "net.ipv4.ping_group_range"
        before = self.run("connector", "sysctl", "-n", name).stdout.strip()
        done = self.run("connector", "sysctl", "-w", f"{name}={groups}")
        assert done.returncode == 0, done.stdout
        return before

    @staticmethod
    def _exec(host: str, command) -> list[str]:
        """`host` may be USER_OF + host: an ordinary user there."""
        where = ["--as-user", host.removeprefix(USER_OF)] if host.startswith(USER_OF) else [host]
        return [str(ROOT / "lab" / "lab"), "exec", *where, *map(str, command)]

    def _get(self, role: str, path: str) -> str:
        url = f"http://{roles.ROLES[role].admin}{path}"
        done = self.run(roles.ROLES[role].host, "/usr/bin/python3", HERE / "get.py", url)
        return done.stdout if done.returncode == 0 else ""


def wait_until(condition, seconds: float, what: str):
    """The condition's first true value; fails when it has none within the time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def answers(lab: Lab, address: str, host: str = "edge") -> bool:
    return lab.run(host, "ping", "-n", "-c", "1", "-W", "0.3", address).returncode == 0


def hops_of(traceroute: str) -> list[str]:
    """The hop addresses of traceroute's output in order, a star for a silent hop."""
    return [" ".join(dict.fromkeys(re.findall(r"\s([\da-f:.]{7,}|\*)(?=\s|$)(?! ms)", line)))
            for line in traceroute.splitlines()[1:]]


def received(ping: str) -> int:
    match = re.search(r"(\d+) received", ping)
    assert match, ping
    return int(match.group(1))


def outage_after(ping_output: str, restart: float) -> float:
    """Seconds from `restart` to the reply after which no further one is missing."""
    replies = re.findall(r"^\[([\d.]+)\] \d+ bytes from .*icmp_seq=(\d+) ", ping_output, re.MULTILINE)
    after = [(float(when), int(sequence)) for when, sequence in replies if float(when) > restart]
    assert after, ping_output
    for (_, before), (when, sequence) in reversed(list(zip(after, after[1:]))):
        if sequence != before + 1:
            return when - restart
    return after[0][0] - restart
