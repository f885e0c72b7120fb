import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nubem_jupyter.core.digest import encode
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.errors import CycleError, FlowError, FormatError, NubemError, StorageError, UsageError
from nubem_jupyter.storage.flow_files import FlowFiles
from nubem_jupyter.storage.yaml_text import read_yaml, write_yaml
from nubem_jupyter.testing.runs import sample_flow

LONG_PROMPT = "Read this:\n\n{text}\n\n  - one: 'a'\n...\n---\nthen answer in one sentence. 🙂\n"


def flow_of(prompt: str) -> Flow:
    return Flow.build("mine").input("text").model("answer", prompt, capability="answer").output()


@pytest.fixture
def files(tmp_path):
    return FlowFiles(tmp_path / "flows")


def test_a_saved_flow_comes_back(files):
    path = files.save(flow_of(LONG_PROMPT), "mine")
    assert path.name == "mine.flow.yaml"
    assert files.load("mine") == files.load(path) == files.load(str(path)) == flow_of(LONG_PROMPT)
    assert files.names() == ("mine",)


def test_a_prompt_of_several_lines_is_written_as_a_block(files):
    """A person can read and edit the file."""
    text = files.save(flow_of(LONG_PROMPT), "mine").read_text()
    assert "prompt: |" in text
    assert "        - one: 'a'\n" in text
    assert text.startswith("format: nubem.flow\nversion: 1\nbody:\n")
    assert text.endswith("\n...\n")


def test_saving_again_replaces_and_leaves_nothing_else(files):
    files.save(flow_of("one {text}"), "mine")
    files.save(flow_of("two {text}"), "mine")
    assert files.load("mine") == flow_of("two {text}")
    assert [path.name for path in files.folder.iterdir()] == ["mine.flow.yaml"]


def test_a_file_cut_anywhere_is_never_a_wrong_flow(files):
    """Every shorter beginning of a file is refused, also where it would be valid YAML."""
    flow = flow_of(LONG_PROMPT)
    path = files.save(flow, "mine")
    whole = path.read_bytes()
    for length in range(len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(NubemError) as caught:
            files.load("mine")
        assert caught.value.hint
    path.write_bytes(whole[:-1])  # only the last line break is missing
    assert files.load("mine") == flow


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=12,
    )
)
@example({"on": "yes", "1": "1e5", "": "2001-01-01", "a": "<<", "b": "="})
@example(["\n", " \n", "\n a", "a\n\n", "\ta\n b", "a\r\nb", "a\x85b\n", "...\n", "---", "\ufeff\n"])
def test_any_plain_value_comes_back_from_yaml(value):
    assert encode(read_yaml(write_yaml(value))) == encode(value)


@pytest.mark.parametrize("name", ["", "../up", "a/b", "a\\b", ".hidden", "/etc/passwd", "..", "x" * 200, "a\n", "a b"])
def test_a_name_that_is_no_file_name_is_refused(files, name):
    for use in (lambda: files.save(sample_flow(), name), lambda: files.load(name)):
        with pytest.raises(UsageError, match="cannot name a flow") as caught:
            use()
        assert caught.value.hint
    assert not files.folder.exists()


def test_a_wrong_name_hints_at_the_nearest(files):
    with pytest.raises(UsageError, match="--save"):
        files.load("weekly")
    files.save(sample_flow(), "weekly")
    with pytest.raises(UsageError, match="did you mean 'weekly'"):
        files.load("weakly")
    with pytest.raises(UsageError, match="there are: weekly"):
        files.load("zzz")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("format: [\n...\n", "line 2"),
        ("a: 1\na: 2\n...\n", "'a' is there twice"),
        ("a: &x [1]\nb: *x\n...\n", "references"),
        ("!!python/object/apply:os.system ['touch hacked']\n...\n", "no valid YAML"),
        ("just a text\n...\n", "not a stored flow"),
        ("format: nubem.run\nversion: 1\nbody: {}\n...\n", "not a 'nubem.flow'"),
        ("format: nubem.flow\nversion: 99\nbody: {}\n...\n", "version 99"),
        ("a: 1\n---\nb: 2\n...\n", "no valid YAML"),
        ("a: " + "[" * 3000 + "\n...\n", "no valid YAML"),
        ("", "cut off"),
    ],
)
def test_a_spoilt_file_is_told_in_a_sentence(files, text, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files.folder.mkdir()
    (files.folder / "bad.flow.yaml").write_text(text)
    with pytest.raises(FormatError, match=says) as caught:
        files.load("bad")
    assert caught.value.message.startswith("bad.flow.yaml cannot be read: ")
    assert not (tmp_path / "hacked").exists()


def test_a_file_that_is_no_text_is_told(files):
    files.folder.mkdir()
    (files.folder / "bad.flow.yaml").write_bytes(b"\xff\xfe\n...\n")
    with pytest.raises(FormatError, match="UTF-8"):
        files.load("bad")


def test_a_flow_that_cannot_be_keeps_its_kind_of_error(files):
    path = files.save(sample_flow(), "mine")
    path.write_text(path.read_text().replace("capability: summarize", "capability: sumarize"))
    with pytest.raises(FlowError, match=r"mine\.flow\.yaml.*sumarize") as caught:
        files.load("mine")
    assert not isinstance(caught.value, FormatError)


def test_a_cycle_in_a_file_is_told(files):
    path = files.save(sample_flow(), "mine")
    path.write_text(path.read_text().replace("text: text", "text: shorter"))
    with pytest.raises((CycleError, FormatError), match="cycle"):
        files.load("mine")


def test_a_file_with_windows_line_ends_is_read(files):
    path = files.save(flow_of(LONG_PROMPT), "mine")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert files.load("mine") == flow_of(LONG_PROMPT)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "flows").write_text("a file stands here")
    with pytest.raises(StorageError) as caught:
        FlowFiles(tmp_path / "flows").save(sample_flow(), "mine")
    assert caught.value.hint


def test_a_folder_in_place_of_the_file_is_told(files):
    (files.folder / "mine.flow.yaml").mkdir(parents=True)
    with pytest.raises(StorageError):
        files.load("mine")
    with pytest.raises(StorageError):
        files.save(sample_flow(), "mine")


def test_a_flow_is_called_what_it_is_saved_as(files):
    files.save(flow_of("one {text}"), "tone")
    assert files.load("tone").name == "tone"
