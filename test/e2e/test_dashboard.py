"""The dashboard where packets flow: its tests in the lab (web/e2e/lab), in the edge's namespace."""

import os
import subprocess

import pytest

from world import roles

WEB = roles.ROOT / "web"


@pytest.mark.skipif(not (WEB / "node_modules").exists(), reason="the page's packages are not installed")
def test_the_page_in_the_lab(lab):
    command = roles.namespaces.command(
        "edge", ["node_modules/.bin/vitest", "run", "--config", "vitest.lab.config.ts"]
    )
    done = subprocess.run(
        command, cwd=WEB, capture_output=True, text=True, timeout=180,
        env={**os.environ, "ONEPING_BIN": str(roles.ONEPING), "ONEPING_API": str(roles.API)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
