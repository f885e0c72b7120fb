"""Pages say what matters of each value, once, and in text as in HTML."""

import re
from html.parser import HTMLParser

import msgspec
import pytest

from nubem_jupyter.core.dot import Badge
from nubem_jupyter.core.plan import Question
from nubem_jupyter.core.run import Failure, Outcome
from nubem_jupyter.render.badges import plan_badges, rewrite_badges, run_badges
from nubem_jupyter.render.blocks import Details, Shown, Table, Words
from nubem_jupyter.render.bundle import bundle, page_bundle
from nubem_jupyter.render.html import html
from nubem_jupyter.render.outline import describe, outline
from nubem_jupyter.render.pages import page, summary
from nubem_jupyter.render.places import place_of
from nubem_jupyter.render.text import text

KINDS = ("flow", "plan", "run", "cached_run", "failed_run", "evaluation")


@pytest.fixture(params=KINDS)
def value(request):
    return request.getfixturevalue(request.param)


def test_every_value_comes_as_text_html_and_its_own_type(value):
    shown = bundle(value)
    kind = type(value).__name__.lower()
    assert set(shown) == {"text/plain", "text/html", f"application/vnd.nubem.{kind}+json"}
    assert shown[f"application/vnd.nubem.{kind}+json"]["format"] == f"nubem.{kind}"
    msgspec.json.encode(shown)  # plain JSON throughout, as notebooks need


KEPT_TAGS = {"div", "p", "table", "thead", "tbody", "tr", "th", "td", "img", "details", "summary", "pre", "span"}


class Tags(HTMLParser):
    """Collects every tag and attribute."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes = set(), set()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}


def test_html_holds_only_what_an_untrusted_notebook_keeps(value):
    """Sanitisers strip scripts, style sheets, inline SVG, links to elsewhere and event handlers."""
    seen = Tags()
    seen.feed(bundle(value)["text/html"])
    assert seen.tags <= KEPT_TAGS
    assert seen.attributes <= {"style", "src", "alt"}


def test_text_of_models_is_escaped(run):
    assert "<script>alert(1)</script>" not in bundle(run)["text/html"]
    assert "&lt;script&gt;" in bundle(run)["text/html"]


def test_html_fixes_no_white_and_no_black(value):
    shown = re.sub(r'src="[^"]*"', "", bundle(value)["text/html"])
    assert not re.search(r"#fff|#000|white\b(?!-space)|black", shown)


def test_a_picture_is_an_image_with_words_for_it(flow):
    shown = bundle(flow)["text/html"]
    assert re.search(r'<img src="data:image/svg\+xml;base64,[^"]+" alt="flow review: [^"]*summary', shown)


def test_a_run_shows_its_result_first_and_once(run):
    blocks = page(run)
    assert isinstance(blocks[0], Shown)
    assert sum(isinstance(block, Shown) for block in blocks) == 1
    assert sum(type(block).__name__ == "Picture" for block in blocks) == 1


def test_a_failed_run_says_why_and_how_to_mend_it(failed_run):
    shown = bundle(failed_run)["text/plain"]
    assert shown.startswith("✗ 'summary' failed: the weights are missing")
    assert "Hint: nubem models pull" in shown


def test_the_steps_table_tells_who_did_it_what_it_took_and_why(run):
    shown = bundle(run)["text/plain"]
    assert re.search(r"review +openai/gpt-4o +≈ 0.91 \(0.85–0.95\) +\$0.0029 +2.2 s +finished +the only model", shown)


def test_a_step_that_was_at_hand_says_so_and_what_it_saved(cached_run):
    """In the table, on the picture, in the outline of the flow and in the line of the whole run."""
    shown = bundle(cached_run)["text/plain"]
    assert re.search(r"review +openai/gpt-4o .* finished \(cached, \$0.0029 saved\)", shown)
    assert re.search(r"each/body/translate × 2 .* finished \(1 of 2 cached\)", shown)
    assert "2 steps cached, $0.0029 saved" in summary(cached_run)
    badges = run_badges(cached_run)
    assert badges["review"].lines[-1] == "free · cached, $0.0029 saved"
    assert badges["each/body/translate"].lines[-1].endswith("2 times · 1 of 2 cached")
    assert "[free · cached, $0.0029 saved]" in outline(cached_run.plan.flow, badges)
    assert cached_run.frame["cached"].tolist().count(True) == 2


def test_of_a_run_that_asked_for_everything_nothing_is_said_of_a_cache(run):
    assert "cached" not in bundle(run)["text/plain"]
    one = msgspec.structs.replace(run, nodes=(msgspec.structs.replace(run.nodes[1], cached=True),))
    assert " · 1 step cached · " in summary(one)


def test_a_step_done_for_each_item_is_one_row(run):
    assert "each/body/translate × 2" in bundle(run)["text/plain"]


def test_a_run_with_mixed_states_counts_them(failed_run):
    again = msgspec.structs.replace(failed_run.nodes[0], path="summary")
    mixed = msgspec.structs.replace(failed_run, nodes=(*failed_run.nodes, again))
    assert "1 finished, 1 failed" in bundle(mixed)["text/plain"]


def test_a_plan_shows_range_alternatives_questions_and_what_was_changed(plan):
    asked = msgspec.structs.replace(plan, questions=(Question(text="Which language?", name="language"),))
    shown = bundle(asked)["text/plain"]
    for part in (
        "≈ 4.1 s (2.5–5.7 s)",
        "its price is unknown & a ceiling is set",
        "Which language?",
        "dead_nodes",
        "75% of the request",
        "Nothing was run or spent",
        "the small model is weak",
    ):
        assert part in shown


def test_a_plan_that_cost_something_says_so(plan):
    assert "planning cost $0.02" in bundle(msgspec.structs.replace(plan, spent_usd=0.02, confidence=None))["text/plain"]


def test_only_a_wholly_local_run_is_called_local(run):
    local = msgspec.structs.replace(run, nodes=run.nodes[1:])
    assert "free (local)" in summary(local)
    assert "local" not in summary(run)


def test_a_mean_without_an_error_shows_none(evaluation):
    shown = bundle(evaluation)["text/plain"]
    assert "0.67 ± 0.272" in shown
    assert re.search(r"local/a +0\.33 +0\.00–1\.00 +1 +2 +free \(local\)", shown)


def test_a_large_run_leaves_its_log_to_the_store(run):
    from nubem_jupyter.core.event import Tokens

    log = (Tokens(run=run.id, at_s=0.1, node="review", text="x" * 300_000),)
    shown = bundle(msgspec.structs.replace(run, log=log))["application/vnd.nubem.run+json"]
    assert "log" not in shown["body"]
    small = bundle(msgspec.structs.replace(run, log=(Tokens(run=run.id, at_s=0.1, node="review", text="x"),)))
    assert "log" in small["application/vnd.nubem.run+json"]["body"]


def test_badges_say_model_cost_and_time(plan, run, failed_run):
    assert plan_badges(plan)["review"].lines == ("openai/gpt-4o", "≈ $0.0031 · ≈ 2.4 s")
    assert plan_badges(plan)["summary"].lines == ("local/smollm2-135m", "free (local) · ≈ 0.9 s")
    assert run_badges(run)["review"] == Badge(lines=("openai/gpt-4o", "$0.0029 · 2.2 s"), state="done")
    states = {place: badge.state for place, badge in run_badges(failed_run).items()}
    assert (states["review"], states["summary"], states["each"], states["code"]) == ("done", "failed", "idle", "edge")


def test_what_the_optimizer_takes_away_is_marked(flow, plan):
    gone = msgspec.structs.replace(plan.rewrites[0], removed=("summary",))
    assert rewrite_badges(flow, [gone]) == {"summary": Badge(state="changed")}


def test_places_are_found_from_paths(flow):
    assert place_of(flow, "each[3]/translate") == "each/body/translate"
    assert place_of(flow, "each/body/translate") == "each/body/translate"
    assert place_of(flow, "review") == "review"
    assert place_of(flow, "gone[1]/x") == "gone/x"


def test_the_outline_shows_bodies_inside_their_node(flow, run):
    assert "  body:\n" in outline(flow)
    assert "✓ review (model: review_code) ← code  [openai/gpt-4o]" in outline(flow, run_badges(run))
    assert describe(flow) == "flow review: each, review, summary, both"


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("plain *text*\nin lines", "plain *text*\nin lines"),
        (None, "no result"),
        (3.5, "3.5"),
        ({"name": "Ana", "age": 3}, '{\n  "name": "Ana",\n  "age": 3\n}'),
        ([], "[]"),
    ],
)
def test_results_are_shown_in_a_form_that_suits_them(result, expected):
    assert text((Shown(result),)) == expected


def test_rows_become_a_table_with_every_column():
    shown = text((Shown([{"a": 1}, {"b": ["x", "y"]}]),))
    assert shown.splitlines()[0].split() == ["a", "b"]
    assert "x y" in shown


def test_a_list_is_numbered_and_a_very_long_one_is_cut_with_a_word_about_it():
    assert text((Shown(["uno", "dos"]),)).splitlines()[-1].split() == ["1", "dos"]
    assert "the first 200 of 300" in text((Shown(list(range(300))),))


def test_a_program_keeps_its_spaces_and_its_font():
    shown = html((Shown("def f():\n    return 1", code=True),))
    assert "monospace" in shown
    assert "\n    return 1" in shown


def test_a_flow_whose_output_is_code_is_shown_as_code(run):
    from nubem_jupyter.core.flow import Flow

    coded = Flow.build("c").model("write", "Write f", capability="write_code", output="code").output("write")
    plan = msgspec.structs.replace(run.plan, flow=coded, route={})
    assert page(msgspec.structs.replace(run, plan=plan, result="x = 1", nodes=()))[0] == Shown("x = 1", code=True)


def test_wide_characters_keep_columns_straight():
    shown = text((Table(("a", "b"), (("日本", "x"), ("é", "y"))),))
    assert shown.splitlines()[2] == "日本  x"
    assert shown.splitlines()[3] == "é     y"


def test_a_table_with_no_rows_and_a_value_of_no_kind_of_ours_are_shown():
    assert text((Table(("a",), (), "Title"),)) == "Title\na\n─"
    assert page({"a": 1}) == (Shown({"a": 1}),)
    assert "<summary>more</summary>" in page_bundle((Details("more", (Words("x"),)),))["text/html"]


def test_an_unfinished_run_is_shown_too(run):
    unfinished = msgspec.structs.replace(run, outcome=Outcome.CANCELLED, result=None)
    assert "stopped · 3.1 s" in bundle(unfinished)["text/plain"]


def told(value):
    return bundle(value)["text/plain"]


def test_the_time_of_a_step_done_many_times_is_called_a_sum(run):
    assert "1.6 s in all" in told(run)
    assert "2.2 s in all" not in told(run)


def test_the_picture_sums_what_the_table_sums_and_no_waits(run):
    waited = [msgspec.structs.replace(node, call_s=node.latency_s / 2) for node in run.nodes]
    waited = msgspec.structs.replace(run, nodes=tuple(waited))
    sums = [line for badge in run_badges(waited).values() for line in badge.lines if "in all" in line]
    assert len(sums) == 1
    assert "0.8 s in all" in sums[0]
    assert "0.8 s in all" in told(waited)
    assert "1.6 s in all" not in told(waited)


def test_an_evaluation_counts_its_cases_and_answers(evaluation):
    assert told(evaluation).startswith("Evaluation on 3 cases (reviews.csv), scored by exact")
    assert "All 6 answers" in told(evaluation)
    one = msgspec.structs.replace(evaluation, samples=evaluation.samples[:1])
    assert "Evaluation on 1 case (" in told(one)
    assert "The answer:" in told(one)


def test_a_failed_program_s_traceback_is_folded_below_the_run(failed_run):
    failure = Failure(code="run.node", message="the code failed", hint="see below", detail="Traceback\n  line 1\nboom")
    broken = msgspec.structs.replace(failed_run.nodes[1], failure=failure)
    run = msgspec.structs.replace(failed_run, nodes=(failed_run.nodes[0], broken))
    text_ = told(run)
    assert "What step 'summary' wrote before it failed" in text_
    assert "boom" in text_
    assert "boom" not in text_.partition("What each step gave")[0]


def test_a_text_that_was_cut_off_names_its_step(run):
    cut = msgspec.structs.replace(run.nodes[0], finish_reason="length")
    assert "The text of step 'review' was cut off at 12 tokens." in told(msgspec.structs.replace(run, nodes=(cut,)))


def test_a_table_that_can_be_searched_is_whole_where_scripts_are_stripped():
    """The script makes the field by itself, so a sanitiser leaves the very table that it would be without."""
    plain = Table(("model", "price"), (("a/x", "$1"), ("<b>", "$2")))
    shown = html((msgspec.structs.replace(plain, searchable=True),))
    stripped = re.sub(r"(?s)<script>.*</script>", "", shown)
    assert re.sub(r'<div data-nubem-search="Filter model">(.*)</div></div>$', r"\1</div>", stripped) == html((plain,))
    assert "<input" not in stripped
    assert text((msgspec.structs.replace(plain, searchable=True),)) == text((plain,))


def test_the_script_of_a_search_reads_the_page_and_writes_no_html_and_no_colour():
    """What is in the rows or typed into the field is compared and counted, never put into the page as HTML."""
    shown = html((Table(("a",), (("x",),), "<models>", searchable=True),))
    script = shown[shown.index("<script>") :]
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval|fetch|XMLHttp|https?:", script)
    assert not re.search(r"#fff|#000|white\b(?!-space)|black", script)
    assert 'data-nubem-search="Filter &lt;models&gt;"' in shown


def test_two_prices_in_a_line_are_no_formula():
    """A notebook typesets what lies between two dollars of one text; an element around each keeps them apart."""
    prices = "$1.00 in, $2.00 out"
    blocks = (Words(prices), Table((prices,), ((prices,),), prices), Details(prices, ()))
    shown = html(blocks)
    assert shown.count("<span>$</span>") == 10
    assert "$" not in shown.replace("<span>$</span>", "")
    assert text(blocks).count("$") == 10
