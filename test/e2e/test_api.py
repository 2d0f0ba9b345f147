"""The control API against bad callers: refused with problem+json, never a crash, a hang or a 5xx."""

import json
import random
import re
import socket
import subprocess
from pathlib import Path

import pytest

from edge_alone import EdgeAlone
from world import roles

PORT = 7897
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
WRONG = [None, True, -1, 1.5, 1 << 70, "", "x" * 5000, "a\u0000b", "\u202e", "<script>", [], [[]], {},
         ["x"] * 2000, {"a": {"b": {}}}, "10.0.0.1/8", "999.1.1.1", "2026-13-01T00:00:00Z"]  # fmt: skip
BROKEN = [b"", b"{", b"[]", b"null", b'"x"', b"{\"name\":", b"\xff\xfe", b"[" * 50000, b"{}{}",
          b'{"name": "a", "name": "b"}', b"\x00" * 1000]  # fmt: skip


@pytest.fixture(scope="module")
def edge(fresh_lab, tmp_path_factory):
    alone = EdgeAlone(tmp_path_factory.mktemp("api"), "--api-listen", f"127.0.0.1:{PORT}")
    alone.start()
    api = alone.api
    api.post("/tunnels", {"name": "t"})
    api.post("/routes", {"prefix": "10.0.0.0/8", "tunnel": "t"})
    api.post("/users", {"name": "u"})
    api.post("/groups", {"name": "g", "members": ["u"]})
    api.post("/policies", {"name": "p", "verdict": "deny", "to": ["192.0.2.0/24"]})
    api.post("/keys", {"name": "k"})
    api.post("/vnets", {"name": "v"})
    api.post("/api-tokens", {"name": "a"})
    yield alone
    alone.stop()


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in ("get", "post", "put", "patch", "delete"):
                yield method.upper(), path, operation


def in_words(path):
    """A path of the document with things that are there."""
    names = {"tunnel": "t", "user": "u", "group": "g", "policy": "p", "key": "k", "vnet": "v",
             "token": "a", "route": "1", "device": "1"}  # fmt: skip
    return re.sub(r"\{(\w+)\}", lambda m: names.get(m.group(1), "x"), path)


def relative(path):
    return path.removeprefix("/api/v1")


def assert_refused(answer, what):
    assert 400 <= answer.status < 500, f"{what}: {answer.status} {answer.text[:300]}"
    assert answer.content_type.startswith("application/problem+json"), what
    problem = answer.json
    assert problem["status"] == answer.status and problem["title"], what


def fields_of(document, operation):
    """The body's fields by the document's schema."""
    body = operation.get("requestBody")
    if body is None:
        return None
    schema = body["content"]["application/json"]["schema"]
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = document["components"]["schemas"][name]
    return schema.get("properties", {})


def test_the_document_is_served_and_true(edge):
    document = edge.api.get("/openapi.json")
    assert document["openapi"].startswith("3.")
    seen = 0
    for method, path, operation in operations(document):
        assert operation["responses"], path
        if path.endswith(("/events", "/flows", "/backup")) or method == "DELETE":
            continue
        answer = edge.api.ask(method, relative(in_words(path)), raw=b"\xff",
                              headers={"Content-Type": "application/json"})  # fmt: skip
        assert answer.status not in (404, 405) or "{" in path, f"{method} {path}: {answer.text}"
        seen += 1
    assert seen > 30


def test_wrong_methods_are_told_what_is_allowed(edge):
    document = edge.api.get("/openapi.json")
    for path, item in document["paths"].items():
        for method in METHODS:
            if method.lower() in item:
                continue
            assert_refused(edge.api.ask(method, relative(in_words(path)), raw=b"{}"), (method, path))


# What each POST needs at least, so that one wrong field is what it is refused for.
NEEDED = {
    "/tunnels": {"name": "new"},
    "/routes": {"prefix": "10.9.0.0/16", "tunnel": "t"},
    "/vnets": {"name": "new"},
    "/users": {"name": "new"},
    "/groups": {"name": "new"},
    "/keys": {"name": "new"},
    "/policies": {"name": "new", "verdict": "deny"},
    "/policies/check": {"to": "10.0.0.1", "protocol": "icmp"},
    "/api-tokens": {"name": "new"},
}
# Neither text nor a number nor a list of anything: right for no field.
NEVER_RIGHT = ({"a": {"b": {}}}, [[]], True, -1, 1.5)


def test_wrong_types_in_every_field(edge):
    document = edge.api.get("/openapi.json")
    tried = 0
    for method, path, operation in operations(document):
        for field, schema in (fields_of(document, operation) or {}).items():
            for wrong in WRONG:
                body = {**NEEDED.get(relative(path), {}), field: wrong}
                answer = edge.api.ask(method, relative(in_words(path)), body)
                assert answer.status < 500, (method, path, field, repr(wrong)[:40], answer.text)
                if answer.status == 201:  # right after all, as a comment may be "<script>"
                    made = f"{relative(path)}/{answer.json['id']}"
                    edge.api.do("DELETE", made)
                tried += 1
            for wrong in NEVER_RIGHT:
                if wrong is True and "boolean" in json.dumps(schema):
                    continue
                body = {**NEEDED.get(relative(path), {}), field: wrong}
                answer = edge.api.ask(method, relative(in_words(path)), body)
                assert_refused(answer, (method, path, field, wrong))
                # By the field, not by something that was refused before it was looked at.
                if method == "POST" and relative(path) in NEEDED:
                    assert field in answer.json["detail"], (path, field, wrong, answer.text)
    assert tried > 500
    assert edge.api.get("/status")


def test_a_request_is_bounded_in_bytes_and_time(edge):
    def memory():
        status = Path(f"/proc/{edge.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) * 1024

    before = memory()
    begin = b"POST /api/v1/tunnels HTTP/1.1\r\nHost: localhost\r\n"
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    for head, endless in ((begin + b"Transfer-Encoding: chunked\r\n\r\n", chunk),
                          (begin, b"X-Header: " + b"y" * 4000 + b"\r\n")):  # fmt: skip
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(10)
        peer.connect(str(edge.socket))
        try:
            peer.sendall(head)
            for _ in range((64 << 20) // len(endless)):
                peer.sendall(endless)
            raise AssertionError("64 MB were taken")
        except OSError:
            pass  # the edge has ended it
        finally:
            peer.close()
    assert memory() - before < 32 << 20

    slow = [socket.socket(socket.AF_UNIX) for _ in range(40)]
    for peer in slow:
        peer.connect(str(edge.socket))
        peer.sendall(b"GET /api/v1/st")
    assert edge.api.get("/status"), "slow ones hold everybody up for a while, and no longer"
    for peer in slow:
        peer.close()


def test_broken_and_huge_bodies(edge):
    document = edge.api.get("/openapi.json")
    for method, path, operation in operations(document):
        if fields_of(document, operation) is None:
            continue
        for raw in BROKEN:
            if raw == b"" and not operation["requestBody"].get("required", False):
                continue
            answer = edge.api.ask(method, relative(in_words(path)), raw=raw,
                                  headers={"Content-Type": "application/json"})  # fmt: skip
            assert_refused(answer, (method, path, raw[:20]))
        plain = edge.api.ask(method, relative(in_words(path)), raw=b"{}",
                             headers={"Content-Type": "text/plain"})  # fmt: skip
        assert plain.status == 415, (method, path, plain.text)
    try:
        answer = edge.api.ask("POST", "/users", raw=b"x" * (2 << 20),
                              headers={"Content-Type": "application/json"})  # fmt: skip
        assert_refused(answer, "two megabytes")
        assert answer.status == 413
    except OSError:
        pass  # it may also close before everything is sent
    assert edge.api.get("/status")


def test_unknown_paths_and_queries(edge):
    for path in ("/", "/nothing", "/tunnels/", "/tunnels/t/nothing", "/tunnels//", "/../status",
                 "/tunnels/%00", "/tunnels/%ff", "/tunnels/" + "x" * 3000, "/routes/abc",
                 "/routes/99999999999999999999", "/users?limit=0", "/users?limit=x", "/users?after=%ff",
                 "/users?nothing=1", "/routes/lookup", "/routes/lookup?address=x"):  # fmt: skip
        assert_refused(edge.api.ask("GET", path), path)


def test_garbage_on_the_socket(edge):
    chance = random.Random(7)
    for length in (1, 10, 100, 1000, 10000):
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(5)
        peer.connect(str(edge.socket))
        peer.sendall(chance.randbytes(length) + b"\r\n\r\n")
        try:
            peer.shutdown(socket.SHUT_WR)
            peer.recv(1 << 16)
        except OSError:
            pass
        peer.close()
    assert edge.api.get("/status")


PROGRAM = """
import http.client, json, sys
for method, path, headers, body in json.load(sys.stdin):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    print(json.dumps([response.status, response.getheader("Content-Type", ""),
                      response.read().decode(errors="replace")]))
    connection.close()
"""


def by_tcp(requests):
    """Asks in the edge's namespace: [(method, path, headers, body)] to [(status, type, text)]."""
    command = roles.namespaces.command("device", ["/usr/bin/python3", "-c", PROGRAM.replace("PORT", str(PORT))])
    done = subprocess.run(command, input=json.dumps(requests), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_tcp_wants_a_token_and_its_role(edge):
    reader = edge.api.post("/api-tokens", {"name": "reader", "role": "read"})["token"]
    admin = edge.api.post("/api-tokens", {"name": "admin", "role": "admin"})["token"]
    old = edge.api.post("/api-tokens", {"name": "old", "role": "admin"})["token"]
    edge.api.do("DELETE", "/api-tokens/old")

    def request(token, method="GET", path="/status", body=None, **headers):
        if token is not None:
            headers["Authorization"] = token if " " in token else f"Bearer {token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        return [method, f"/api/v1{path}", headers, body]

    cases = [
        (request(None), 401),
        (request("wrong"), 401),
        (request("Basic YTpi"), 401),
        (request(reader[:-1]), 401),
        (request(reader + "A"), 401),
        (request(old), 401),
        (request(reader), 200),
        (request(admin), 200),
        (request(reader, "POST", "/users", '{"name": "mallory"}'), 403),
        (request(reader, "DELETE", "/users/u"), 403),
        (request(reader, "GET", "/backup"), 403),
        (request(reader, "POST", "/policies/check", '{"to": "10.0.0.1", "protocol": "icmp"}'), 200),
        (request(admin, "POST", "/users", '{"name": "bob"}'), 201),
        (request(admin, Host="evil.example"), 403),
        (request(admin, Host=f"evil.example:{PORT}"), 403),
        (request(admin, Host=f"localhost:{PORT}"), 200),
        (request(None, "GET", "/openapi.json"), 200),
    ]
    answers = by_tcp([case for case, _ in cases])
    for (case, wanted), (status, content_type, text) in zip(cases, answers):
        assert status == wanted, (case[:2], status, text)
        if status >= 400:
            assert content_type.startswith("application/problem+json"), (case[:2], content_type)
    everything = edge.log.read_text() + json.dumps(edge.api.get("/audit?limit=1000"))
    everything += json.dumps(edge.api.get("/api-tokens"))
    for secret in (reader, admin, old):
        assert secret not in everything


def test_the_socket_is_its_owners_only(edge):
    assert edge.socket.stat().st_mode & 0o777 == 0o600


def test_every_change_is_in_the_audit_log(edge):
    edge.api.post("/users", {"name": "audited"})
    edge.api.do("DELETE", "/users/audited")
    newest = edge.api.get("/audit?limit=2")["items"]
    assert [entry["action"] for entry in newest] == ["user.delete", "user.create"]
    assert all(entry["actor"].startswith("uid 0") and entry["object"] == "audited" for entry in newest)


def test_a_page_ends_with_a_cursor_to_the_next(edge):
    edge.api.post("/tunnels", {"name": "paged"})
    for number in range(26):
        edge.api.post("/routes", {"prefix": f"172.20.{number}.0/24", "tunnel": "paged"})
    seen, cursor, pages = [], "", 0
    while cursor is not None:
        page = edge.api.get(f"/routes?tunnel=paged&limit=10{'&after=' + cursor if cursor else ''}")
        assert len(page["items"]) <= 10
        seen += [route["prefix"] for route in page["items"]]
        cursor, pages = page["next"], pages + 1
    assert len(seen) == len(set(seen)) == 26 and pages == 3
