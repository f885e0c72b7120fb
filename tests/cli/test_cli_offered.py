"""What ``nubem models --json`` offers is what can be called now; finding out asks nobody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nubem_jupyter.providers.litellm.prices import installed_version, package_folder

pytestmark = pytest.mark.skipif(installed_version() is None, reason="LiteLLM is an optional extra and not installed")

BARRED = """
import socket, sys
def barred(*_): raise SystemExit("a socket was opened")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = barred
from nubem_jupyter.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
SMALLEST = "smollm2-135m"
KEYS = {
    "openai": ("OPENAI_API_KEY",),
    "anthropic": ("ANTHROPIC_API_KEY",),
    "groq": ("GROQ_API_KEY",),
    "mistral": ("MISTRAL_API_KEY",),
    "gemini": ("GEMINI_API_KEY",),
    "deepseek": ("DEEPSEEK_API_KEY",),
    "xai": ("XAI_API_KEY",),
    "azure": ("AZURE_API_KEY", "AZURE_API_BASE", "AZURE_API_VERSION"),
}


def models(folder: Path, *words: str, **keys: str) -> list[dict[str, Any]]:
    """Run the program with these keys alone, in an empty folder, where no socket can be opened."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ}
    environ = {**kept, "HOME": str(folder), "NUBEM_HOME": str(folder / "home"), **keys}
    done = subprocess.run(
        [sys.executable, "-c", BARRED, "models", "--json", *words],
        cwd=folder,
        env=environ,
        capture_output=True,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def chat_models(provider: str) -> set[str]:
    """Read the provider's chat models from LiteLLM's table, with nothing of ours."""
    folder = package_folder()
    assert folder is not None
    table = json.loads((folder / "model_prices_and_context_window_backup.json").read_text("utf-8"))
    return {
        name if "/" in name else f"{provider}/{name}"
        for name, row in table.items()
        if row.get("mode") == "chat"
        and row["litellm_provider"] == provider
        # Prices of whole groups, which name no model: any of a size, any fine-tuned one.
        and not ("*" in name or name.startswith(("ft:", "together-ai-")))
    }


@pytest.mark.parametrize("provider", KEYS)
def test_a_key_offers_exactly_the_chat_models_of_its_provider(tmp_path: Path, provider: str) -> None:
    """Each is listed with what a program needs, and the key stands nowhere."""
    secret = "sk-fake-but-long-enough"
    found = models(tmp_path, **dict.fromkeys(KEYS[provider], secret))
    assert {model["id"] for model in found} == chat_models(provider)
    assert {(model["provider"], model["available"], model["missing"]) for model in found} == {(provider, True, "")}
    assert secret not in json.dumps(found)


def test_without_a_key_nothing_is_offered_and_all_is_listed(tmp_path: Path) -> None:
    """No weights are here either: a local model that must be brought first is listed, not offered."""
    assert models(tmp_path) == []
    listed = models(tmp_path, "--all")
    assert len(listed) >= 2000
    assert all(model["missing"] for model in listed)
    priced = [model["price"]["input_usd"] for model in listed if model["price"]]
    assert len(priced) > 2000
    assert all(figure["source"] for figure in priced)


@pytest.mark.model
def test_without_any_key_the_local_model_whose_weights_are_here_is_offered(model_home: Path, tmp_path: Path) -> None:
    offered = models(tmp_path, NUBEM_HOME=str(model_home))
    assert f"local/{SMALLEST}" in {model["id"] for model in offered}
    assert all(model["provider"] == "local" and model["available"] and not model["missing"] for model in offered)
    assert all(model["price"]["input_usd"]["value"] == 0 for model in offered)
