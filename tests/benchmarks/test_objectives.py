"""The benchmark's clothes are as the digits' program expects its images."""

import gzip
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path += [str(BENCHMARKS), str(BENCHMARKS / "search"), str(BENCHMARKS.parent)]

from objectives import load_fashion  # noqa: E402

from config.examples.digits.train import load_digits  # noqa: E402


def write_idx(path: Path, values: np.ndarray) -> None:
    """In the format of yann.lecun.com/exdb/mnist, which Zalando's files have."""
    head = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes()
    path.write_bytes(gzip.compress(head + values.astype(np.uint8).tobytes(), 1))


def test_clothes_are_shrunk_to_the_size_and_the_greys_of_the_digits(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    greys = {"train": rng.integers(256, size=(1200, 28, 28))}
    greys["t10k"] = np.zeros((700, 28, 28))
    greys["t10k"][0, 2:6, 6:10] = 255  # with the margin of two: the second pixel from the corner
    for part, images in greys.items():
        write_idx(tmp_path / f"{part}-images-idx3-ubyte.gz", images)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte.gz", np.arange(len(images)) % 10)
    images, labels = load_fashion(tmp_path)
    expected, digits = load_digits()
    assert (images.shape, labels.shape) == (expected.shape, digits.shape)
    assert (images.dtype, labels.dtype) == (expected.dtype, digits.dtype)
    assert labels[:1100].tolist() == [i % 10 for i in range(1100)]
    assert labels[1100:].tolist() == [i % 10 for i in range(697)]
    first = images[1100].reshape(8, 8)
    assert first[1, 2] == 16
    assert first.sum() == 16
    inner = greys["train"][0, 2:-2, 2:-2].reshape(6, 4, 6, 4).mean(axis=(1, 3))
    np.testing.assert_allclose(images[0].reshape(8, 8)[1:-1, 1:-1], inner / 255 * 16, rtol=1e-6)


def test_without_the_data_it_says_where_they_are_from(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="apt install dataset-fashion-mnist"):
        load_fashion(tmp_path / "none")
