import pytest

from nubem_jupyter.core.evaluation import EvalCase
from nubem_jupyter.engine.evaluator import parse_cases
from nubem_jupyter.errors import EvaluationError

EXPECTED = (
    EvalCase(inputs={"input": "good, really"}, target="positive", id="1"),
    EvalCase(inputs={"input": "bad"}, target="negative", id="two", cluster="b"),
)


@pytest.mark.parametrize(
    "text",
    [
        "- {input: 'good, really', target: positive}\n- {input: bad, target: negative, id: two, cluster: b}",
        "# cases\ncases:\n  - input: good, really\n    target: positive\n"
        "  - {inputs: bad, target: negative, id: two, cluster: b}",
        '[{"input": "good, really", "target": "positive"},'
        ' {"inputs": {"input": "bad"}, "target": "negative", "id": "two", "cluster": "b"}]',
        '{"input": "good, really", "target": "positive"}\n\n'
        '{"input": "bad", "target": "negative", "id": "two", "cluster": "b"}\n',
        '{"cases": [{"input": "good, really", "target": "positive"},'
        ' {"input": "bad", "target": "negative", "id": "two", "cluster": "b"}]}',
        '{\n"cases": [{"input": "good, really", "target": "positive"},\n'
        ' {"input": "bad", "target": "negative", "id": "two", "cluster": "b"}]}',
        'input,target,id,cluster\n"good, really",positive,,\nbad,negative,two,b\n',
    ],
    ids=["yaml", "yaml object", "json", "json lines", "one line", "json object", "csv"],
)
def test_each_format_gives_the_same_cases(text):
    found = parse_cases(text, "mine")
    assert (found.name, found.cases) == ("mine", EXPECTED)


def test_only_line_feeds_end_a_row():
    odd = "one\u2028two\x0bthree"
    for text in (f'input,target\n{odd},1\n"a\nb",2\n', f'{{"input": "{odd[:7]}"}}\n{{"input": "b"}}'):
        assert len(parse_cases(text, "mine").cases) == 2


def test_a_format_can_be_said():
    assert parse_cases("input: x", "mine", "yaml").cases[0].inputs == {"input": "x"}
    assert parse_cases("input: x\nhello", "mine", "csv").cases[0].inputs == {"input: x": "hello"}


def test_every_other_column_is_an_input():
    (case,) = parse_cases('[{"text": "a", "tone": "b", "target": 1}]', "mine").cases
    assert case.inputs == {"text": "a", "tone": "b"}


@pytest.mark.parametrize(
    ("text", "form", "message"),
    [
        ("  \n", "", "'mine' is empty"),
        ("[]", "", "'mine' has no cases"),
        ("x", "jason", "no format 'jason'"),
        ("x", "zzzz", "use one of: yaml json jsonl csv"),
        ("[{", "", "'mine' is not JSON"),
        ('{"input": 1}\n{"inp', "", "line 2 of 'mine' is not JSON"),
        ("- a: [", "", "of 'mine' is not YAML"),
        ("- a: \x01", "", "'mine' is not YAML"),
        ("a,b\n1,2\n3", "", "line 3 of 'mine' has another number of fields"),
        ("a,b\n1,2,3", "", "line 2 of 'mine' has another number of fields"),
        ('a,b\n"x" y,2', "", "line 2 of 'mine' is not CSV"),
        ("- 5", "", "row 1 of 'mine' is not an object"),
        ("5", "json", "'mine' is not a list of cases"),
        ("- {input: a}\n- {target: b}", "", "row 2 of 'mine' has no input"),
        ("- {inputs: a, text: b}", "", "row 1 of 'mine' has inputs and, beside them, text"),
        ("- {input: a, id: x}\n- {input: b, id: x}", "", "rows 1 and 2 of 'mine' have the id 'x'"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_row(text, form, message):
    with pytest.raises(EvaluationError) as caught:
        parse_cases(text, "mine", form)
    assert message in str(caught.value)
