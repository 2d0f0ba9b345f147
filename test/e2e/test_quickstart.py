"""The README's six commands, as they stand there, from an empty state folder."""

import os
import re
import subprocess

import pytest

from world import ROOT, roles, wait_until


def commands_of_readme():
    text = (ROOT / "README.md").read_text()
    block = re.search(r"```sh\n# On the edge.*?```", text, re.S)
    assert block, "the README has the six commands"
    lines = [line for line in block.group(0).splitlines()[1:-1] if line and not line.startswith("#")]
    return re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines()


@pytest.fixture
def empty(lab, tmp_path):
    """Hosts without oneping, and a folder for what the commands make."""
    # The devices too: an edge that is not theirs makes them wait for a minute.
    for role in (*roles.DEVICES, "connector", "edge"):
        lab("stop", role)
    ping_groups = lab.ping_groups("0 0")  # the test's connector is root's
    started = []
    yield tmp_path, started
    for process in reversed(started):
        process.terminate()
        process.wait(20)
    lab.ping_groups(ping_groups)


def test_six_commands_from_nothing_to_a_ping(empty):
    folder, started = empty
    commands = commands_of_readme()
    assert len(commands) == 6, commands
    environment = {
        **os.environ,
        "PATH": f"{roles.ONEPING.parent}:{os.environ['PATH']}",
        "ONEPING_STATE": str(folder / "state"),
        "ONEPING_API_SOCKET": str(roles.STATE / "alone.sock"),
        "ONEPING_API": str(roles.STATE / "alone.sock"),
    }
    edge = None
    for command in commands:
        host = "connector" if "connector run" in command else "edge"
        words = command.replace("edge.example.net", "198.51.100.1").removesuffix("&").split()
        argv = roles.namespaces.command(host, words)
        log = folder / f"{words[1]}.log"
        if command.endswith("&"):
            with log.open("wb") as out:
                started.append(
                    subprocess.Popen(argv, env=environment, cwd=folder, stdout=out, stderr=out)
                )
            if edge is None:
                edge = started[0]
                wait_until(lambda: "control API" in log.read_text(), 15, "the edge is up")
            else:
                wait_until(lambda: "registered" in log.read_text(), 15, "the connector is registered")
            continue
        done = subprocess.run(argv, env=environment, cwd=folder, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    assert " 0% packet loss" in done.stdout, done.stdout
