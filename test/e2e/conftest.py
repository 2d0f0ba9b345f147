"""One lab for all tests, brought back to its healthy state before each of them."""

import pytest

from world import V4, V6, Lab, roles


@pytest.fixture(scope="session")
def fresh_lab():
    lab = Lab()
    lab("down")
    try:
        lab("up")
        yield lab
    finally:
        lab("down")


@pytest.fixture
def lab(fresh_lab):
    if roles.EDGE_CONFIG.read_text() != roles.EDGE_YAML:
        roles.EDGE_CONFIG.write_text(roles.EDGE_YAML)
        fresh_lab("reload", "edge")
    fresh_lab("stop", "connector2")
    fresh_lab("up")
    return fresh_lab


@pytest.fixture(params=[V4, V6], ids=lambda family: family.name)
def family(request):
    return request.param
