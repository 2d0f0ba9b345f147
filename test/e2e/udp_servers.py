"""Real servers on the lab's origin, for UDP tests: each a context that ends what it began."""

import contextlib
import os
import signal
import subprocess
import time

from world import Lab, namespaces, wait_until

ZONE = "oneping.test"
NAMES = 1000

NSD = """\
server:
  ip-address: 172.16.10.120
  ip-address: fd00:172:16:10::120
  server-count: 1
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  database: ""
remote-control:
  control-enable: no
zone:
  name: "{zone}"
  zonefile: "zone"
"""

CHRONY = """\
local stratum 1
allow all
cmdport 0
pidfile {folder}/chronyd.pid
bindcmdaddress /
"""


@contextlib.contextmanager
def running(lab: Lab, host: str, *command):
    process = lab.begin(host, *command)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@contextlib.contextmanager
def dns(lab: Lab, folder):
    """nsd with a zone of h0 … h999; gives the file of queries for dnsperf."""
    (folder / "nsd.conf").write_text(NSD.format(folder=folder, zone=ZONE))
    (folder / "zone").write_text(
        f"$ORIGIN {ZONE}.\n$TTL 60\n@ IN SOA ns hostmaster 1 3600 900 604800 60\n@ IN NS ns\n"
        "ns IN A 172.16.10.120\n"
        + "".join(f"h{i} IN A 10.1.{i // 256}.{i % 256}\n" for i in range(NAMES))
    )
    queries = folder / "queries"
    queries.write_text("".join(f"h{i}.{ZONE} A\n" for i in range(NAMES)))
    with running(lab, "origin", "nsd", "-d", "-c", folder / "nsd.conf"):
        try:
            wait_until(lambda: dig(lab, "origin", "172.16.10.120") == "10.1.0.7", 10, "nsd answers")
            yield queries
        finally:  # its workers follow their parent's word alone
            with contextlib.suppress(OSError, ValueError):
                os.kill(int((folder / "nsd.pid").read_text()), signal.SIGTERM)


def dig(lab: Lab, host: str, server: str) -> str:
    command = ("dig", "+short", "+tries=1", "+time=1", f"@{server}", f"h7.{ZONE}", "A")
    return lab.run(host, *command).stdout.strip()


@contextlib.contextmanager
def ntp(lab: Lab, folder):
    (folder / "chrony.conf").write_text(CHRONY.format(folder=folder))
    with running(lab, "origin", "chronyd", "-x", "-d", "-u", "root", "-f", folder / "chrony.conf"):
        time.sleep(0.3)
        yield


@contextlib.contextmanager
def beside_the_tunnel(lab: Lab, address: str):
    """A cable from edge to origin for TCP alone: iperf3 arranges its UDP by TCP, which no tunnel of
    ours carries."""
    v6 = ":" in address
    ip = ("ip", "-6") if v6 else ("ip",)
    near, far = ("fd00:99::1", "fd00:99::2") if v6 else ("203.0.113.1", "203.0.113.2")
    size = 64 if v6 else 30

    def must(host, *command):
        done = lab.run(host, *command)
        assert done.returncode == 0, f"{command}: {done.stdout}"

    must("edge", "ip", "link", "add", "beside0", "type", "veth", "peer", "name", "beside1",
         "netns", namespaces.name("origin"))
    try:
        for host, end, own in (("edge", "beside0", near), ("origin", "beside1", far)):
            must(host, *ip, "addr", "add", f"{own}/{size}", "dev", end, *(["nodad"] if v6 else []))
            must(host, "ip", "link", "set", end, "up")
        must("edge", *ip, "route", "add", address, "via", far, "table", 99)
        must("edge", *ip, "rule", "add", "pref", 10, "ipproto", "tcp", "to", address, "lookup", 99)
        yield
    finally:
        lab.run("edge", *ip, "rule", "del", "pref", 10)
        lab.run("edge", "ip", "link", "del", "beside0")
