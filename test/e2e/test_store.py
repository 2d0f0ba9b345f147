"""The store: what was acknowledged is there after kill -9, and a bad file is left alone."""

import http.client
import random
import shutil
import sqlite3
import threading
import time

import pytest

from api import Api
from edge_alone import EdgeAlone

KILLS = 200


@pytest.fixture
def edge(lab, tmp_path):
    alone = EdgeAlone(tmp_path)
    yield alone
    alone.kill()


class Writer(threading.Thread):
    """Makes, changes and deletes until the edge dies. Knows what must be there, and what may."""

    def __init__(self, socket, round_number):
        super().__init__()
        self._api, self._round = Api(socket), round_number
        self.kept, self.uncertain = {}, None

    def run(self):
        number = 0
        try:
            while True:
                name = f"user-{self._round}-{number}"
                self.uncertain = name
                self._api.post("/users", {"name": name, "comment": "new"})
                self.kept[name] = "new"
                if number % 3 == 1:
                    self._api.do("PATCH", f"/users/{name}", {"comment": "changed"})
                    self.kept[name] = "changed"
                if number % 3 == 2:
                    self._api.do("DELETE", f"/users/{name}")
                    del self.kept[name]
                number += 1
        except (OSError, http.client.HTTPException):
            pass  # the edge is dead


def users_of(api):
    users, cursor = {}, ""
    while cursor is not None:
        page = api.get(f"/users?limit=1000{'&after=' + cursor if cursor else ''}")
        users.update({user["name"]: user["comment"] for user in page["items"]})
        cursor = page["next"]
    return users


def is_sound(state, folder):
    """integrity_check on a copy, so that recovery is left to the edge."""
    folder.mkdir()
    for part in ("control.db", "control.db-wal"):
        if (state / part).exists():
            shutil.copy(state / part, folder / part)
    store = sqlite3.connect(folder / "control.db")
    try:
        return store.execute("pragma integrity_check").fetchone() == ("ok",)
    finally:
        store.close()
        shutil.rmtree(folder)


def test_kill_9_loses_nothing_that_was_acknowledged(edge, tmp_path):
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    expected, writes = {}, 0
    edge.start()
    for number in range(KILLS):
        writers = [Writer(edge.socket, f"{number}-{w}") for w in range(2)]
        for writer in writers:
            writer.start()
        time.sleep(chance.uniform(0.005, 0.12))
        edge.kill()
        for writer in writers:
            writer.join(15)
        assert is_sound(edge.state, tmp_path / "copy"), f"seed {seed}, kill {number}"
        edge.start()
        there = users_of(edge.api)
        kept = {name: comment for writer in writers for name, comment in writer.kept.items()}
        uncertain = {writer.uncertain for writer in writers}
        for name in set(there) | set(expected) | set(kept):
            if name in uncertain:
                continue  # its answer never came: either is right
            wanted = kept.get(name, expected.get(name))
            assert there.get(name) == wanted, f"seed {seed}, kill {number}, {name}"
        expected = there
        writes += len(kept)
    assert writes > KILLS, "hardly anything was written"


def spoiled(edge, spoil):
    """What the edge says of a store that was spoiled, and whether it left it alone."""
    edge.start()
    edge.api.post("/users", {"name": "alice"})
    edge.stop()
    path = edge.state / "control.db"
    spoil(path)
    before = path.read_bytes()
    code, said = edge.run()
    return code, said, path.read_bytes() == before


def test_a_damaged_store_is_named_and_left_alone(edge):
    code, said, untouched = spoiled(edge, lambda path: path.write_bytes(b"nonsense" * 1000))
    assert code == 2 and "control.db" in said and untouched, said
    assert len(said.strip().splitlines()) == 1, said


def test_a_store_cut_short_is_named_and_left_alone(edge):
    def cut(path):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    code, said, untouched = spoiled(edge, cut)
    assert code == 2 and "control.db" in said and untouched, said


def test_a_newer_store_is_named_and_left_alone(edge):
    def renew(path):
        store = sqlite3.connect(path)
        store.execute("pragma user_version = 99")
        store.commit()
        store.close()

    code, said, untouched = spoiled(edge, renew)
    assert code == 2 and "newer" in said and untouched, said


def test_a_store_has_one_owner(edge, tmp_path):
    edge.start()
    code, said = EdgeAlone(tmp_path, listen="127.0.0.1:7898").run()
    assert code == 2 and "control.db" in said, said
