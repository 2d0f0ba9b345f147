"""An edge of its own beside the lab's, without a TUN: for tests that kill it or spoil its state."""

import subprocess
import time

from api import Api
from world import roles

EDGE = "device"  # the namespace; it has no edge of the lab's


class EdgeAlone:
    def __init__(self, folder, *options, listen="127.0.0.1:7899"):
        self.state = folder / "state"
        self.listen = listen
        # A Unix socket's path is short, and pytest's folders are not.
        self.socket = roles.STATE / "alone.sock"
        self.log = folder / "log"
        self.api = Api(self.socket)
        self._options = options
        self._process = None

    @property
    def pid(self):
        return self._process.pid

    def command(self):
        return roles.namespaces.command(
            EDGE,
            [roles.ONEPING, "edge", "run", "--listen", self.listen, "--state", self.state,
             "--api-socket", self.socket, "--admin", "none", "--flow-log-file", "none",
             *self._options],
        )  # fmt: skip

    def start(self, seconds=15.0):
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                list(map(str, self.command())), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self.api.get("/status")
            except OSError:
                assert self._process.poll() is None, self.log.read_text()
                assert time.monotonic() < deadline, "the edge does not answer"
                time.sleep(0.005)

    def run(self):
        """To its end, which must come by itself: its code and what it said."""
        done = subprocess.run(list(map(str, self.command())), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=20)  # fmt: skip
        return done.returncode, done.stdout

    def kill(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def stop(self):
        if self._process is not None:
            self._process.terminate()
            assert self._process.wait(20) == 0, self.log.read_text()
            self._process = None
