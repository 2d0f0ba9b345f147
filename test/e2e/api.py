"""The control API as a program speaks it: HTTP over the edge's Unix socket, or TCP."""

import http.client
import json
import socket
from dataclasses import dataclass


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=20.0):
        super().__init__("localhost", timeout=timeout)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    text: str

    @property
    def json(self):
        return json.loads(self.text)


class Api:
    """A connection for each request: the edge may be another one by the next."""

    def __init__(self, socket_path):
        self._path = socket_path

    def ask(self, method, path, body=None, headers=None, raw=None) -> Answer:
        """`raw` is a body as it is, `body` one to be sent as JSON."""
        headers = {**(headers or {}), "Connection": "close"}
        if body is not None:
            raw = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        connection = UnixConnection(self._path)
        try:
            try:
                connection.request(method, f"/api/v1{path}", raw, headers)
            except BrokenPipeError:
                pass  # answered before the body was sent
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        finally:
            connection.close()
        return Answer(response.status, response.getheader("Content-Type", ""), text)

    def do(self, method, path, body=None):
        """What must succeed: the object that is answered, if one is."""
        answer = self.ask(method, path, body)
        assert 200 <= answer.status < 300, f"{method} {path}: {answer.status} {answer.text}"
        return answer.json if answer.text else None

    def get(self, path):
        return self.do("GET", path)

    def post(self, path, body=None):
        return self.do("POST", path, {} if body is None else body)
