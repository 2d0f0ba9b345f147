"""What tests of devices share: a device's status, its host's routes, and a device without manners."""

import json
import select
import subprocess

from world import ROOT, roles

RAW_DEVICE = ROOT / "build" / "release" / "test" / "e2e" / "raw_device"


def status(lab, host="device") -> dict:
    return json.loads(lab.run(host, "oneping", "device", "status", "-o", "json").stdout)


def routes(lab, host="device") -> list[str]:
    """What the host sends into its device's interface, but for multicast and its own addresses."""
    found = []
    for family in ("-4", "-6"):
        shown = lab.run(host, "ip", family, "-j", "route", "show", "dev", "oneping").stdout
        found += [route["dst"] for route in json.loads(shown or "[]")]
    return sorted(prefix for prefix in found if not prefix.startswith(("fd00:100:96:", "ff", "fe80")))


def counted(lab, role: str, reason: str) -> float:
    """Packets to the network that the role answered or dropped for that reason."""
    return sum(
        value
        for sample, value in lab.metrics(role).items()
        if sample.startswith(("oneping_packets_answered_total", "oneping_packets_dropped_total"))
        and f'reason="{reason}"' in sample
        and 'direction="to_network"' in sample
    )


class RawDevice:
    """A session with the host's identity that sends whatever it is given (raw_device.cc)."""

    def __init__(self, host: str):
        assert RAW_DEVICE.exists(), "build it: cmake --build build/release --target raw_device"
        argv = [str(RAW_DEVICE), "send", "/var/lib/oneping/device"]
        command = roles.namespaces.command(host, roles.at_home(host, argv))
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(command, **pipes, text=True, bufsize=1)

    def __enter__(self):
        said = self._line(10)
        assert said == "ready", said
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(10)

    def send(self, packet: bytes) -> None:
        self._process.stdin.write(packet.hex() + "\n")

    def receive(self, seconds: float = 2.0) -> bytes | None:
        line = self._line(seconds)
        return None if line is None else bytes.fromhex(line)

    def _line(self, seconds: float) -> str | None:
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            return None
        return self._process.stdout.readline().strip()
