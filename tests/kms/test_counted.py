"""Counting calls."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from reconciler.kit.errors import KmsError
from reconciler.kms.counted import Counted
from tests.support.faulty import Faulty, throttled


def test_calls_are_counted_by_operation_with_those_that_fail() -> None:
    kms = Counted(Faulty(lambda operation, parameters: {}, throttled("ListKeys")))
    with pytest.raises(KmsError):
        kms("ListKeys", {})
    kms("ListKeys", {})
    kms("DescribeKey", {})
    assert kms.calls() == {"DescribeKey": 1, "ListKeys": 2}
    assert kms.total == 3


def test_threads_lose_no_count() -> None:
    kms = Counted(lambda operation, parameters: {})
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: kms("ListKeys", {}), range(1000)))
    assert kms.total == 1000
