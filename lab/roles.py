"""The oneping processes of the lab: how each is run, started, signalled and found again.

A running role is known by its process id and that process's start time, kept in build/lab, so that
a reused id is never mistaken for it.
"""

import json
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import namespaces
from topology import CONNECTOR_ID, USER_ID

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / "build" / "lab"
ONEPING = Path(os.environ.get("ONEPING_BIN", ROOT / "build" / "release" / "oneping")).resolve()
EDGE_CONFIG = STATE / "edge.yml"
TOKEN = STATE / "lab.token"
API = STATE / "edge.sock"

EDGE_YAML = f"""\
listen:
  - 192.0.2.1:7844
  - 198.51.100.1:7844
  - "[fd00:192:0:2::1]:7844"
  - "[fd00:198:51:100::1]:7844"
state: {STATE}/edge-state
name: lab
hop-address:
  ipv4: 172.68.101.57
  ipv6: fd00:172:68:101::57
tun:
  name: oneping0
  mtu: 1500
  addresses: [100.96.0.1/32, 100.96.0.2/32, "fd00:100:96::1/128", "fd00:100:96::2/128"]
  device: edge
  user: alice
  tags: [lab]
devices:
  ipv4: 100.96.0.0/12
  ipv6: "fd00:100:96::/64"
unreachables: tell
admin: 127.0.0.1:9790
log:
  level: info
  format: text
api:
  socket: {STATE}/edge.sock
  listen: 127.0.0.1:9780
"""

# The lab's tunnel, and what it leads to.
TUNNEL = "lab"
ROUTES = (
    "172.16.10.0/24",
    "10.20.0.0/16",
    "10.66.0.0/16",
    "10.67.0.0/16",
    "fd00:172:16:10::/64",
    "fd00:10:20::/48",
    "fd00:10:66::/48",
    "fd00:10:67::/48",
)

# The hosts with a device, and whose it is. alice has the edge's TUN too.
DEVICES = {"device": "alice", "device2": "bob"}

# Prefixes that the edge's host sends into the TUN although no tunnel serves them.
WITHOUT_TUNNEL = ("10.99.0.0/16", "fd00:10:99::/48")


class RoleError(Exception):
    """Says in one line what a role did not do, and where to look."""


@dataclass(frozen=True)
class Role:
    name: str
    host: str
    admin: str
    argv: tuple[str, ...]

    @property
    def log(self) -> Path:
        return STATE / f"{self.name}.log"

    @property
    def record(self) -> Path:
        return STATE / f"{self.name}.json"

    def command(self) -> list[str]:
        return namespaces.command(self.host, list(self.argv))

    def pid(self) -> int | None:
        """The running process, or nothing."""
        try:
            record = json.loads(self.record.read_text())
        except FileNotFoundError:
            return None
        started = record["start_time"]  # nothing, for one that died before it was read
        running = started is not None and _start_time(record["pid"]) == started
        return record["pid"] if running else None

    def start(self) -> None:
        if self.pid():
            return
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        start_time = _start_time(process.pid)
        self.record.write_text(json.dumps({"pid": process.pid, "start_time": start_time}))
        if self.name == "edge":
            self._wait_until_up(process)

    def send_signal(self, number: int) -> None:
        pid = self.pid()
        if pid is None:
            raise RoleError(f"{self.name} is not running: start it with `lab/lab start {self.name}`")
        os.kill(pid, number)

    def stop(self, number: int = signal.SIGTERM, seconds: float = 35.0) -> None:
        """Signals the role and waits until it is gone. Not running is fine."""
        if self.pid():
            self.send_signal(number)
        deadline = time.monotonic() + seconds
        while self.pid():
            if time.monotonic() > deadline:
                raise RoleError(f"{self.name} did not end within {seconds:.0f} s: see {self.log}")
            time.sleep(0.01)
        self.record.unlink(missing_ok=True)

    def ready(self) -> str:
        """What `oneping ready` says, in one line."""
        if not self.pid():
            return "stopped"
        asked = namespaces.command(self.host, [str(ONEPING), "ready", "--admin", self.admin])
        answer = subprocess.run(asked, capture_output=True, text=True)
        said = (answer.stdout or answer.stderr).strip().splitlines() or ["no answer"]
        return f"pid {self.pid()}, {'ready' if answer.returncode == 0 else 'not ready'}: {said[0]}"

    def _wait_until_up(self, process: subprocess.Popen) -> None:
        """Until the edge takes commands; then the routes that only the lab wants."""
        deadline = time.monotonic() + 15
        ready = [str(ONEPING), "ready", "--admin", self.admin]
        while subprocess.run(namespaces.command(self.host, ready), capture_output=True).returncode:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RoleError(f"the edge did not come up; its log ends:\n{tail(self.log)}")
            time.sleep(0.02)
        for prefix in WITHOUT_TUNNEL:
            route = ["ip", "route", "replace", prefix, "dev", "oneping0"]
            subprocess.run(namespaces.command(self.host, route), check=True)


def tail(log: Path, lines: int = 10) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _start_time(pid: int) -> int | None:
    """Clock ticks since boot (proc(5), stat field 22); nothing for a process that is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])


def _connector(host: str, admin: str, *more: str, name: str = "", capability: str = "") -> Role:
    # The process sees its program and its token on a tmpfs of its own mount namespace (which
    # `ip netns exec` made), so that the checkout may lie in a folder closed to other users.
    user = f"--reuid={CONNECTOR_ID} --regid={CONNECTOR_ID} --clear-groups"
    kept = f",+{capability}" if capability else ""
    rights = " ".join(f"--{which}=-all{kept}" for which in ("inh-caps", "ambient-caps", "bounding-set"))
    script = f"""
        set -e
        mount -t tmpfs -o mode=0755 tmpfs /mnt
        touch /mnt/oneping
        mount --bind '{ONEPING}' /mnt/oneping
        install -m 0400 -o {CONNECTOR_ID} -g {CONNECTOR_ID} '{TOKEN}' /mnt/token
        cd /mnt
        exec setpriv {user} {rights} --no-new-privs /mnt/oneping connector run --token-file /mnt/token \
            --edge 198.51.100.1:7844 --edge '[fd00:198:51:100::1]:7844' --admin {admin} {" ".join(more)} "$@"
    """
    return Role(name or host, host, admin, ("sh", "-c", script, "sh"))


def _device(host: str) -> Role:
    argv = [str(ONEPING), "device", "up", "--foreground", "--admin", "127.0.0.1:9792"]
    return Role(host, host, "127.0.0.1:9792", tuple(at_home(host, argv)))


def identity(host: str) -> Path:
    return STATE / f"{host}-state"


def at_home(host: str, argv: list[str]) -> list[str]:
    """What runs argv with the host's device, if it has one, where root's device is by default. Mounted
    in the mount namespace that `ip netns exec` made: a device has no capability with which it could
    reach into a checkout that is closed to others."""
    if host not in DEVICES:
        return argv
    script = f"""
        set -e
        mount -t tmpfs -o mode=0755 tmpfs /var/lib
        mkdir -p /var/lib/oneping/device
        mount --bind '{identity(host)}' /var/lib/oneping/device
        exec "$@"
    """
    return ["sh", "-c", script, "sh", *argv]


def as_user(host: str, argv: list[str]) -> list[str]:
    """What runs argv as an ordinary user without any capability, on a host without a TUN device. His
    home has a copy of the host's device."""
    user = f"--reuid={USER_ID} --regid={USER_ID} --clear-groups"
    nothing = "--inh-caps=-all --ambient-caps=-all --bounding-set=-all --no-new-privs"
    home = "/mnt/home"
    state = f"{home}/.local/state/oneping/device"
    script = f"""
        set -e
        mount -t tmpfs -o mode=0755 tmpfs /dev/net
        mount -t tmpfs -o mode=0755 tmpfs /mnt
        mkdir -p /mnt/bin {state}
        touch /mnt/bin/oneping
        mount --bind '{ONEPING}' /mnt/bin/oneping
        [ ! -d '{identity(host)}/identity' ] || cp -r '{identity(host)}/identity' {state}/
        chown -R {USER_ID}:{USER_ID} {home}
        chmod -R go= {state}
        cd {home}
        exec env -u XDG_STATE_HOME HOME={home} PATH="/mnt/bin:$PATH" setpriv {user} {nothing} "$@"
    """
    return ["sh", "-c", script, "sh", *argv]


ROLES = {
    role.name: role
    for role in (
        Role("edge", "edge", "127.0.0.1:9790", (str(ONEPING), "edge", "run", "--config", str(EDGE_CONFIG))),
        _connector("connector", "127.0.0.1:9791"),
        _connector("connector2", "127.0.0.1:9791"),
        # In the place of `connector`: its ICMP is the code for macOS over raw sockets.
        _connector(
            "connector",
            "127.0.0.1:9791",
            "--icmp-backend darwin-emulation",
            name="darwin",
            capability="net_raw",
        ),
        *map(_device, DEVICES),
    )
}


def prepare() -> None:
    """The edge's configuration file."""
    if not ONEPING.exists():
        raise RoleError(f"{ONEPING} is missing: build it with `make build`")
    EDGE_CONFIG.write_text(EDGE_YAML)


def administer(*command: str) -> str:
    """An administrator's command on the edge's host: what it prints."""
    environment = {**os.environ, "ONEPING_API": str(API)}
    asked = namespaces.command("edge", [str(ONEPING), *command])
    done = subprocess.run(asked, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        raise RoleError(f"oneping {' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def fill() -> None:
    """Makes the lab's tunnel, its token and its routes, unless they are there."""
    if TOKEN.exists():
        return
    administer("tunnel", "create", TUNNEL)
    for prefix in ROUTES:
        administer("route", "add", prefix, TUNNEL)
    administer("tunnel", "token", TUNNEL, "--out", str(TOKEN))


def enrol() -> None:
    """Makes the devices of the lab's hosts, unless they are there."""
    for host, user in DEVICES.items():
        if (identity(host) / "identity").exists():
            continue
        users = {each["name"] for each in json.loads(administer("user", "list", "-o", "json"))["items"]}
        if user not in users:
            administer("user", "create", user)
        # Root's own, whoever owns the checkout.
        identity(host).mkdir(mode=0o700, exist_ok=True)
        key = identity(host) / "enrolment.key"
        administer("key", "create", "--user", user, "--out", str(key))
        command = [str(ONEPING), "device", "enroll", "--edge", "192.0.2.1", "--name", host]
        command += ["--key-file", "/var/lib/oneping/device/enrolment.key"]
        asked = namespaces.command(host, at_home(host, command))
        done = subprocess.run(asked, capture_output=True, text=True)
        key.unlink()
        if done.returncode != 0:
            raise RoleError(done.stderr.strip())


def forget() -> None:
    """Removes what is secret."""
    for secret in (STATE / "edge-state", TOKEN, *map(identity, DEVICES)):
        shutil.rmtree(secret) if secret.is_dir() else secret.unlink(missing_ok=True)
