"""The process sandbox keeps the promises of the port."""

import pytest

from nubem_jupyter.sandbox.process import ProcessSandbox
from nubem_jupyter.testing.conformance.sandbox import SandboxConformance


class TestProcessSandbox(SandboxConformance):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path):
        self.folder = tmp_path / "scratch"
        yield
        assert not self.folder.exists() or not list(self.folder.iterdir()), "scratch folders are deleted"

    def make(self):
        return ProcessSandbox(self.folder)
