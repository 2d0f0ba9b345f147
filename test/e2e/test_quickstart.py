"""The README's commands, as they stand there, from empty state folders to a user's ping."""

import os
import re
import subprocess

import pytest

from world import ROOT, roles, wait_until

# Where each part of the README happens, and where the edge is from there.
PLACES = {
    "# On the edge": ("edge", ""),
    "# In the private network": ("connector", "198.51.100.1"),
    "# On alice's machine": ("device", "192.0.2.1"),
}


def commands_of_readme() -> list[tuple[str, str, str]]:
    """Host, the edge's address, command."""
    text = (ROOT / "README.md").read_text()
    block = re.search(r"```sh\n(# On the edge.*?)```", text, re.S)
    assert block, "the README has the commands"
    commands, place = [], None
    for line in block.group(1).splitlines():
        if line.startswith("#"):
            place = next(PLACES[comment] for comment in PLACES if line.startswith(comment))
        elif line:
            commands.append((*place, line))
    return commands


@pytest.fixture
def empty(lab, tmp_path):
    """Hosts without oneping, and a folder for what the commands make."""
    # The devices too: an edge that is not theirs makes them wait for a minute.
    for role in (*roles.DEVICES, "connector", "edge"):
        lab("stop", role)
    ping_groups = lab.ping_groups("0 0")  # the test's connector is root's
    started = []
    yield tmp_path, started
    down = roles.namespaces.command("device", [str(roles.ONEPING), "device", "down"])
    subprocess.run(down, env={**os.environ, "ONEPING_STATE": str(tmp_path / "device")}, check=True)
    for process in reversed(started):
        process.terminate()
        process.wait(20)
    lab.ping_groups(ping_groups)


def test_from_nothing_to_a_ping(empty):
    folder, started = empty
    commands = commands_of_readme()
    assert len(commands) == 10, commands
    environment = {
        **os.environ,
        "PATH": f"{roles.ONEPING.parent}:{os.environ['PATH']}",
        "ONEPING_API_SOCKET": str(roles.STATE / "alone.sock"),
        "ONEPING_API": str(roles.STATE / "alone.sock"),
    }
    for host, edge, command in commands:
        environment["ONEPING_STATE"] = str(folder / host)
        words = command.replace("edge.example.net", edge).removesuffix("&").split()
        argv = roles.namespaces.command(host, words)
        if command.endswith("&"):
            log = folder / f"{host}.log"
            with log.open("wb") as out:
                started.append(
                    subprocess.Popen(argv, env=environment, cwd=folder, stdout=out, stderr=out)
                )
            word = "control API" if host == "edge" else "registered"
            wait_until(lambda: word in log.read_text(), 15, f"the {host} says: {word}")
            continue
        done = subprocess.run(argv, env=environment, cwd=folder, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    assert " 0% packet loss" in done.stdout, done.stdout
