"""Random bytes drawn many at a time: none is given out twice, in whatever process or thread."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from reconciler.engine.chance import Drawn


def test_no_piece_comes_twice_and_each_has_its_size():
    drawn = Drawn(16)
    pieces = [drawn() for _ in range(1_000)]
    assert len(set(pieces)) == 1_000
    assert {len(piece) for piece in pieces} == {16}


def test_threads_share_no_piece():
    drawn = Drawn(16)
    with ThreadPoolExecutor(4) as pool:
        pieces = list(pool.map(lambda _: drawn(), range(4_000)))
    assert len(set(pieces)) == 4_000


def test_a_forked_process_shares_no_piece_with_its_parent():
    drawn = Drawn(16)
    drawn()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, b"".join(drawn() for _ in range(100)))
        os._exit(0)
    os.waitpid(child, 0)
    told = os.read(read, 1_600)
    for opened in (read, write):
        os.close(opened)
    theirs = {told[at : at + 16] for at in range(0, 1_600, 16)}
    assert len(theirs) == 100
    assert theirs.isdisjoint(drawn() for _ in range(200))
