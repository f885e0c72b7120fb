"""A step that searches asks a tool that can, where one is there with leave; else it says that a model remembers."""

import pytest

from nubem_jupyter.core.component import ComponentInfo, Origin, Parameter
from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.flow import Branch, Case, Flow, Loop, Node
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Component, Input, Output
from nubem_jupyter.engine.planner import draft_flow
from nubem_jupyter.engine.planner.language import LEXICONS
from nubem_jupyter.engine.planner.searching import Searcher, find_searcher, query_in, search_through, searches

ENGLISH = LEXICONS[0]
INNER = Flow.build("b").input("item").model("look", "Search {item}", capability="search", inputs={"item": "item"})


def tool(name="web.search", capability="search", *inputs):
    return ComponentInfo(
        name=name,
        version="1",
        description="Search.",
        capability=capability,
        inputs=inputs
        or (Parameter(name="query", type=ValueType.TEXT), Parameter(name="n", type=ValueType.NUMBER, required=False)),
        output=ValueType.TABLE,
        permissions=("network",),
        cost_usd=None,
        ttl_s=None,
        origin=Origin(kind="builtin", where="here", digest="0" * 64),
    )


def uses(flow):
    return {place: node.work for place, node in flow.walk() if isinstance(node.work, Component)}


def test_the_first_tool_that_wants_one_text_searches():
    picky = tool(
        "a.search", "search", Parameter(name="a", type=ValueType.TEXT), Parameter(name="b", type=ValueType.TEXT)
    )
    rows = tool("b.search", "search", Parameter(name="rows", type=ValueType.TABLE))
    assert find_searcher([tool("a.read", "read_data"), picky, rows, tool()]).name == "web.search"
    assert find_searcher([picky]) is None


def test_the_answer_is_made_of_what_was_found_and_nothing_is_warned_of():
    draft = draft_flow("Search the web for the newest Python release and summarize it", None, Searcher(info=tool()))
    ((place, work),) = uses(draft.flow).items()
    assert (work.name, work.args, work.output) == (
        "web.search",
        {"query": "the newest Python release"},
        ValueType.TABLE,
    )
    answer = draft.flow.node("search")
    assert (answer.capability, answer.inputs) == ("answer", {"results": place})
    assert answer.prompt.endswith("{results}")
    assert draft.flow.node("summarize").inputs == {"search": "search"}
    assert draft.warnings == ()


def test_without_a_tool_or_without_leave_the_draft_says_so():
    request = "Research the history of tea"
    assert draft_flow(request).warnings == (ENGLISH.say["warn.search"],)
    withheld = draft_flow(request, None, Searcher(info=tool(), missing=("network",)))
    assert withheld.flow == draft_flow(request).flow
    assert len(withheld.warnings) == 1
    assert "web.search can search if you add --allow network" in withheld.warnings[0]
    assert draft_flow("Summarize {text}", {"text": ValueType.TEXT}, Searcher(info=tool())).warnings == ()


def test_where_inputs_decide_a_model_words_the_query():
    draft = draft_flow(
        "For each city in {cities}, search the web for its mayor", {"cities": ValueType.LIST}, Searcher(info=tool())
    )
    body = draft.flow.node("search").work.body
    assert draft.flow.node("search").capability == "answer"
    assert body.node("search_results").inputs == {"query": "search_query"}
    assert "Search the web for its mayor" in body.node("search_query").prompt
    assert set(body.node("search").inputs) == {"item", "results"}


def test_bodies_of_branches_and_loops_are_searched_and_other_steps_stay():
    body = INNER.output("look")
    calm = Condition()
    both = Branch(on="item", cases=(Case(when=calm, body=body),), otherwise=body)
    one = Branch(on="item", cases=(Case(when=calm, body=body),))
    works = {"choose": both, "bare": one, "again": Loop(body=body, until=calm)}
    plain = Flow.build().model("plain", "Say it").output("plain").node("plain")
    steps = [Node(id=name, capability="search", inputs={"item": "item"}, work=work) for name, work in works.items()]
    given = Node(id="item", work=Input())
    ends = Node(id="output", inputs={name: name for name in (*works, "plain")}, work=Output())
    flow = Flow(nodes=(given, *steps, plain, ends))
    assert searches(flow)
    found = search_through(flow, tool(), ENGLISH)
    assert not searches(found)
    assert set(uses(found)) == {
        "choose/case1/look_results",
        "choose/otherwise/look_results",
        "bare/case1/look_results",
        "again/body/look_results",
    }
    assert found.node("plain") == flow.node("plain")
    assert found.node("bare").work.otherwise is None


def test_names_that_are_taken_are_not_taken_again():
    flow = (
        Flow.build()
        .model("look", "Search it", capability="search")
        .model("look_results", "Sum {look}", inputs={"look": "look"})
        .output("look_results")
    )
    found = search_through(flow, tool(), ENGLISH)
    assert set(uses(found)) == {"look_results_2"}
    assert found.output.inputs == flow.output.inputs


@pytest.mark.parametrize(
    ("request_", "query"),
    [
        ("Find out who won the cup?", "who won the cup"),
        ("Look up the population of Lima", "the population of Lima"),
        ("Please search online for tea prices.", "tea prices"),
        ("Search the web", "Search the web"),
        ("The mayor of Lima", "The mayor of Lima"),
        ("tea", "tea"),
    ],
)
def test_a_query_is_what_is_looked_for(request_, query):
    assert query_in(request_, ENGLISH) == query


@pytest.mark.parametrize("lexicon", LEXICONS, ids=lambda lexicon: lexicon.code)
def test_every_language_asks_and_answers(lexicon):
    found = search_through(INNER.output("look"), tool(), lexicon)
    assert "Search {item}" in found.node("look_query").prompt
    assert "{results}" in found.node("look").prompt
