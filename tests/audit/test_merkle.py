"""Trees and proofs against the published vectors of Certificate Transparency, and against themselves at every size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.audit.merkle import EMPTY, inclusion_proof, leaf_hash, node_hash, root, root_of_proof

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]


def test_no_leaves_have_the_hash_of_nothing() -> None:
    assert root([]) == EMPTY
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 9))
def test_published_roots(size: int) -> None:
    assert root(HASHES[:size]).hex() == ROOTS[size - 1]


@given(st.integers(1, 70), st.data())
def test_every_proof_leads_to_the_root_and_to_no_other_leaf(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(str(number).encode()) for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(leaves, index)
    whole = root(leaves)
    assert root_of_proof(leaves[index], index, size, path) == whole
    other = data.draw(st.integers(0, size - 1))
    if other != index:
        assert root_of_proof(leaves[index], other, size, path) != whole
        assert root_of_proof(leaves[other], index, size, path) != whole
    assert root_of_proof(leaves[index], index, size, [*path, EMPTY]) is None
    if path:
        assert root_of_proof(leaves[index], index, size, path[:-1]) != whole
        assert root_of_proof(leaves[index], index, size, [EMPTY, *path[1:]]) != whole


def test_a_node_is_no_leaf() -> None:
    pair = node_hash(HASHES[0], HASHES[1])
    assert root([leaf_hash(HASHES[0] + HASHES[1])]) != pair
    assert root_of_proof(pair, 0, 1, []) == pair, "a proof is as good as its leaf hash: hash what you hold"


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_that_is_not_there_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(IndexError):
        inclusion_proof(HASHES[:size], index)
    assert root_of_proof(HASHES[0], index, size, []) is None
