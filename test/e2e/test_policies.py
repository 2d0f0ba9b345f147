"""Policies through the real path: who may ping what, and what the refused one is told."""

import json
import time

import pytest

from world import answers, roles, wait_until


@pytest.fixture
def policies(lab):
    """Makes policies, and leaves none behind."""
    yield lambda name, **fields: lab.api.post("/policies", {"name": name, **fields})
    for policy in lab.api.get("/policies")["items"]:
        lab.api.do("DELETE", f"/policies/{policy['id']}")
    lab.api.do("PUT", "/policies/default", {"verdict": "allow"})


# Who the lab's TUN is: device edge, of alice, with the tag lab.
CASES = [
    # name, policies, default, may the ping pass
    ("nothing said", [], "allow", True),
    ("denied by default", [], "deny", False),
    ("everybody denied", [{"verdict": "deny"}], "allow", False),
    ("allowed before the default", [{"verdict": "allow"}], "deny", True),
    ("first one decides", [{"verdict": "allow"}, {"verdict": "deny"}], "deny", True),
    ("user", [{"who": ["user:alice"], "verdict": "deny"}], "allow", False),
    ("other user", [{"who": ["user:bob"], "verdict": "deny"}], "allow", True),
    ("group", [{"who": ["group:staff"], "verdict": "deny"}], "allow", False),
    ("group of others", [{"who": ["group:guests"], "verdict": "deny"}], "allow", True),
    ("device", [{"who": ["device:edge"], "verdict": "deny"}], "allow", False),
    ("tag", [{"who": ["tag:lab"], "verdict": "deny"}], "allow", False),
    ("other tag", [{"who": ["tag:office"], "verdict": "deny"}], "allow", True),
    ("one of several", [{"who": ["user:bob", "tag:lab"], "verdict": "deny"}], "allow", False),
    ("this host", [{"to": ["ORIGIN"], "verdict": "deny"}], "allow", False),
    ("another host", [{"to": ["FAR"], "verdict": "deny"}], "allow", True),
    ("its network", [{"to": ["0.0.0.0/0", "::/0"], "verdict": "deny"}], "allow", False),
    ("icmp", [{"protocol": "icmp", "verdict": "deny"}], "allow", False),
    ("echo requests", [{"protocol": "icmp", "icmp_type": "echo-request", "verdict": "deny"}],
     "allow", False),
    ("udp", [{"protocol": "udp", "verdict": "deny"}], "allow", True),
    ("udp ports", [{"ports": [53], "verdict": "deny"}], "allow", True),
    ("its virtual network", [{"vnet": "default", "verdict": "deny"}], "allow", False),
    ("over", [{"until": "2020-01-01T00:00:00Z", "verdict": "deny"}], "allow", True),
    ("not yet", [{"from": "2099-01-01T00:00:00Z", "verdict": "deny"}], "allow", True),
    ("now", [{"from": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z", "verdict": "deny"}],
     "allow", False),
    ("exception", [{"who": ["user:alice"], "to": ["ORIGIN"], "verdict": "allow"},
                   {"verdict": "deny"}], "deny", True),
]  # fmt: skip


@pytest.fixture(scope="module")
def people(fresh_lab):
    """alice is the TUN's user, bob has a device."""
    fresh_lab.api.post("/groups", {"name": "staff", "members": ["alice"]})
    fresh_lab.api.post("/groups", {"name": "guests", "members": ["bob"]})
    yield
    for path in ("/groups/guests", "/groups/staff"):
        fresh_lab.api.do("DELETE", path)


@pytest.mark.parametrize("rules,default,passes", [case[1:] for case in CASES],
                         ids=[case[0].replace(" ", "-") for case in CASES])  # fmt: skip
def test_policy_decides_about_a_ping(lab, family, people, policies, rules, default, passes):
    lab.api.do("PUT", "/policies/default", {"verdict": default})
    for number, rule in enumerate(rules):
        to = {"ORIGIN": family.origin, "FAR": family.far}
        if "to" in rule:
            rule = {**rule, "to": [to.get(prefix, prefix) for prefix in rule["to"]]}
        policies(f"rule-{number}", **rule)
    ping = lab.run("edge", "ping", "-n", "-c", "1", "-W", "1", family.origin)
    assert (ping.returncode == 0) == passes, ping.stdout
    if not passes:
        assert f"From {family.hop} icmp_seq=1 {family.prohibited}" in ping.stdout, ping.stdout
    checked = lab.run("edge", "oneping", "policy", "check", "--device", "edge", "--to",
                      family.origin, "--icmp")  # fmt: skip
    assert checked.returncode == (0 if passes else 1), checked.stdout


def test_traceroute_shows_the_refusal_behind_the_edge(lab, family, policies):
    policies("no", verdict="deny")
    trace = lab.run("edge", "traceroute", "-I", "-n", "-q", "1", "-w", "2", family.origin)
    lines = trace.stdout.splitlines()[1:]
    assert len(lines) == 2, trace.stdout
    assert family.hop in lines[0] and "!X" not in lines[0], trace.stdout
    assert family.hop in lines[1] and "!X" in lines[1], trace.stdout


def test_a_policy_ends_and_begins_a_running_ping(lab, family, policies):
    before = len(flow_log())
    ping = lab.begin("edge", "ping", "-n", "-i", "0.02", "-c", "400", "-W", "1", family.origin)
    wait_until(lambda: len(read_flow_log()) > before, 5, "the ping is a flow")
    policies("no", verdict="deny")
    wait_until(lambda: not answers(lab, family.origin), 1, "the ping is refused")
    lab.api.do("DELETE", "/policies/no")
    output, _ = ping.communicate(timeout=30)
    assert family.prohibited in output, output
    assert output.count("bytes from") > 50, output
    assert "bytes from" in output.rpartition(family.prohibited)[2], "it passed again"


def test_a_revoked_device_is_refused_at_once(lab, family):
    assert answers(lab, family.origin)
    lab.api.post("/devices/edge/revoke")
    try:
        ping = lab.run("edge", "ping", "-n", "-c", "1", "-W", "1", family.origin)
        assert family.prohibited in ping.stdout, ping.stdout
    finally:
        lab.api.post("/devices/edge/restore")
    assert answers(lab, family.origin)


def flow_log():
    """When all is written that is to be written."""
    lines = None
    while (now := read_flow_log()) != lines:
        lines = now
        time.sleep(0.3)
    return lines


def read_flow_log():
    lines = (roles.STATE / "edge-state" / "flows.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_each_verdict_on_a_new_flow_is_in_the_flow_log(lab, family, policies):
    policies("no-far", to=[family.far], verdict="deny")
    before = len(flow_log())
    lab.run("edge", "ping", "-n", "-c", "3", "-i", "0.1", "-W", "1", family.origin)
    lab.run("edge", "ping", "-n", "-c", "3", "-i", "0.1", "-W", "1", family.far)
    lines = flow_log()[before:]
    assert len(lines) == 2, "one line for each flow, not for each packet"
    told = [{k: line[k] for k in ("device", "user", "to", "protocol", "verdict", "rule", "tunnel")}
            for line in lines]  # fmt: skip
    same = {"device": "edge", "user": "alice", "protocol": "icmp", "tunnel": roles.TUNNEL}
    assert told == [
        {**same, "to": family.origin, "verdict": "allow", "rule": "default"},
        {**same, "to": family.far, "verdict": "deny", "rule": "no-far"},
    ]
    assert lines[0]["time"].endswith("Z") and lines[0]["from"] in family.sources


def test_expectations_in_a_file(lab, people, policies, tmp_path):
    policies("no-bob", who=["user:bob"], to=["10.20.0.0/16"], verdict="deny")
    good = tmp_path / "good.yml"
    good.write_text("""\
- {name: bob is out, user: bob, to: 10.20.30.40, icmp: true, expect: deny, rule: no-bob}
- {name: alice is in, user: alice, to: 10.20.30.40, icmp: true, expect: allow}
""")
    done = lab.run("edge", "oneping", "policy", "test", good)
    assert done.returncode == 0, done.stdout
    bad = tmp_path / "bad.yml"
    bad.write_text(good.read_text().replace("expect: allow", "expect: deny"))
    done = lab.run("edge", "oneping", "policy", "test", bad)
    assert done.returncode == 1 and "alice is in" in done.stdout, done.stdout
    broken = tmp_path / "broken.yml"
    broken.write_text("- {nmae: x, to: 10.0.0.1, expect: deny}\n")
    done = lab.run("edge", "oneping", "policy", "test", broken)
    assert done.returncode == 2 and f"{broken}:1:" in done.stdout, done.stdout
