"""Builds the map of topology.py out of network namespaces, and takes it apart.

One namespace a host, and one more for the bridges and the hosts' far cable ends, so that nothing
appears in the machine's own namespace. All are named by `name()`; only those are ever touched.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

from topology import HOSTS, SEGMENTS, SWITCH, SYSCTLS, Host

ALL = (SWITCH, *HOSTS)


def name(host: str) -> str:
    return f"oneping-{host}"


def exists(host: str) -> bool:
    return Path("/run/netns", name(host)).exists()


def build() -> None:
    """All namespaces, cables, addresses and routes. Nothing of them may exist."""
    _ip(None, [f"netns add {name(host)}" for host in ALL])
    for host in ALL:
        _set_sysctls(host, SYSCTLS | (HOSTS[host].sysctls if host in HOSTS else {}))
        _ip(host, ["link set lo up"])
    _ip(SWITCH, [line for segment in SEGMENTS for line in _bridge(segment)])
    for host, description in HOSTS.items():
        _ip(SWITCH, [line for port in description.ports for line in _cable(host, port.segment)])
        _ip(host, _configuration(description))


def destroy() -> None:
    """Ends every process inside the namespaces and removes them; what is not there is fine."""
    present = [host for host in ALL if exists(host)]
    _end_processes(present)
    _ip(None, [f"netns delete {name(host)}" for host in present])


def command(host: str, argv: list[str]) -> list[str]:
    """What runs argv in the host's namespace, as root; it execs, so the process id stays."""
    return ["ip", "netns", "exec", name(host), *argv]


def _bridge(segment: str) -> list[str]:
    mtu = SEGMENTS[segment].mtu
    return [
        f"link add {segment} mtu {mtu} type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
        f"link set {segment} up",
    ]


def port_name(host: str, segment: str) -> str:
    """The far end of a host's cable, in the switch namespace."""
    return f"{segment[:3]}-{host}"


def _cable(host: str, segment: str) -> list[str]:
    port, mtu = port_name(host, segment), SEGMENTS[segment].mtu
    return [
        f"link add {port} mtu {mtu} type veth peer name {segment} mtu {mtu} netns {name(host)}",
        f"link set {port} master {segment} up",
    ]


def _configuration(host: Host) -> list[str]:
    lines = []
    for port in host.ports:
        lines += [
            f"link set {port.segment} up",
            f"address add {port.v4} dev {port.segment}",
            f"address add {port.v6} dev {port.segment} nodad",
        ]
    return lines + [f"route add {route}" for route in host.routes]


def _ip(host: str | None, lines: list[str]) -> None:
    namespace = ["-n", name(host)] if host else []
    subprocess.run(
        ["ip", *namespace, "-batch", "-"], input="\n".join(lines), text=True, check=True
    )


def _set_sysctls(host: str, values: dict[str, str]) -> None:
    assignments = [f"{key}={value}" for key, value in values.items()]
    subprocess.run(command(host, ["sysctl", "-q", "-w", *assignments]), check=True)


def _processes(hosts: list[str]) -> list[int]:
    pids: list[int] = []
    for host in hosts:
        listing = subprocess.run(
            ["ip", "netns", "pids", name(host)], capture_output=True, text=True, check=True
        )
        pids += [int(pid) for pid in listing.stdout.split()]
    return pids


def _end_processes(hosts: list[str]) -> None:
    for with_signal, seconds in ((signal.SIGTERM, 2.0), (signal.SIGKILL, 5.0)):
        for pid in _processes(hosts):
            try:
                os.kill(pid, with_signal)
            except ProcessLookupError:
                pass
        deadline = time.monotonic() + seconds
        while _processes(hosts):
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return
