"""What a draft holds: inputs, prompts that small models can follow, questions, confidence and an explanation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nubem_jupyter.core.constraint import Constraints
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.template import render
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Input, NodeKind, Prompt
from nubem_jupyter.engine.planner import draft_flow
from nubem_jupyter.engine.planner.words import LEXICONS
from nubem_jupyter.errors import PlanError

TEXT, LIST, TABLE, CODE = ValueType.TEXT, ValueType.LIST, ValueType.TABLE, ValueType.CODE
_NAMES = ["a", "text", "item", "items", "value", "output", "previous", "program", "classify", "answer"]


def draft(request, **inputs):
    return draft_flow(request, inputs)


def kinds(flow):
    return [(node.kind.value, node.capability) for node in flow.nodes if node.capability]


def prompts(flow):
    return {place: node.work for place, node in flow.walk() if isinstance(node.work, Prompt)}


def input_of(flow, name):
    return next(node.work for node in flow.nodes if node.id == name and isinstance(node.work, Input))


def _vocabulary(lexicon):
    marks = [",", ".", ":", "?", "\n", ";", '"quoted"', "{a}", "3", "$", "%", "("]
    patterns = [pattern for group in lexicon.groups.values() for found in group.values() for pattern in found]
    return [*marks, *lexicon.languages, *sorted({" ".join(word.rstrip("*") for word in found) for found in patterns})]


class TestAnyText:
    @pytest.mark.parametrize("blank", ["", "  ", "\n\t"])
    def test_a_blank_request_is_refused_in_a_sentence(self, blank):
        with pytest.raises(PlanError, match="empty"):
            draft_flow(blank)

    def test_an_input_whose_name_cannot_name_a_node_is_refused_with_the_way_out(self):
        with pytest.raises(PlanError, match="-i text=año"):
            draft_flow("Summarise this", {"año": TEXT})

    @given(
        st.text(max_size=120), st.dictionaries(st.sampled_from(_NAMES), st.sampled_from(list(ValueType)), max_size=3)
    )
    @settings(max_examples=80, deadline=None)
    def test_any_text_gives_a_flow_or_is_blank(self, text, inputs):
        _check_any(text, inputs)

    @given(
        st.sampled_from(LEXICONS).flatmap(lambda lexicon: st.lists(st.sampled_from(_vocabulary(lexicon)), max_size=14)),
        st.dictionaries(st.sampled_from(_NAMES), st.sampled_from(list(ValueType)), max_size=3),
    )
    @settings(max_examples=120, deadline=None)
    def test_any_words_of_a_lexicon_in_any_order_give_a_flow(self, words, inputs):
        _check_any(" ".join(words), inputs)

    def test_an_unknown_request_goes_to_one_model_with_a_warning(self):
        found = draft("zzz qqq")
        assert kinds(found.flow) == [("model", "answer")]
        assert found.confidence == 0
        assert found.warnings
        assert found.flow.node("answer").prompt == "Zzz qqq"

    def test_the_same_words_give_the_same_flow(self):
        request = "Summarise this review and translate the summary into Spanish."
        assert draft(request, review=TEXT).flow == draft(request, review=TEXT).flow


def _check_any(text, inputs):
    try:
        found = draft_flow(text, inputs)
    except PlanError:
        assert not text.strip()
        return
    assert Flow.from_json(found.flow.to_json()) == found.flow
    assert found.flow.nodes
    assert 0 <= found.confidence <= 1
    assert found.explanation
    Constraints(**found.constraints)
    assert {name for name in inputs} <= {node.id for node in found.flow.inputs}


class TestQuickstart:
    def test_a_question_is_one_call(self):
        found = draft("What is the capital of France?")
        assert kinds(found.flow) == [("model", "answer")]
        assert found.flow.inputs == ()
        assert found.confidence == 1

    def test_a_summary_is_translated_with_worked_examples(self):
        found = draft("Summarise this review in one sentence and translate the summary into Spanish.", review=TEXT)
        assert kinds(found.flow) == [("model", "summarize"), ("model", "translate")]
        translate = found.flow.node("translate")
        assert translate.inputs == {"summarize": "summarize"}
        assert "Spanish" in translate.prompt
        assert translate.work.examples[0].answer == "La casa es muy grande."

    def test_each_item_of_a_list_is_classified_by_the_labels_named(self):
        found = draft("For each ticket, classify it as billing, technical or other", tickets=LIST)
        (call,) = prompts(found.flow).values()
        assert found.flow.node("classify").kind is NodeKind.MAP
        assert call.schema["enum"] == ["billing", "technical", "other"]
        assert call.output is ValueType.LABEL

    def test_fields_named_become_a_schema(self):
        found = draft("Extract the invoice number, date and total as JSON", invoice=TEXT)
        (call,) = prompts(found.flow).values()
        assert list(call.schema["properties"]) == ["invoice_number", "date", "total"]
        assert call.output is ValueType.JSON

    def test_per_item_extraction_runs_as_a_map(self):
        found = draft("Extrae el producto y la ciudad de cada mensaje", mensajes=LIST)
        (call,) = prompts(found.flow).values()
        assert list(call.schema["properties"]) == ["producto", "ciudad"]
        assert found.flow.node("extract").inputs == {"items": "mensajes"}

    def test_code_is_written_and_run(self):
        found = draft("Write a Python function is_prime(n), run it on the numbers 1 to 20 and print the primes")
        assert kinds(found.flow) == [("model", "write_code"), ("code", "run_code")]
        assert "1 to 20" in found.flow.node("write_code").prompt

    @pytest.mark.parametrize(
        ("request_", "expected"),
        [
            ("¿Cuál es la capital de Francia?", ["answer"]),
            ("Resume esta reseña en una frase y traduce el resumen al inglés.", ["summarize", "translate"]),
            ("Clasifica cada reseña como positiva o negativa", ["classify"]),
            ("Extrae el número de factura, la fecha y el total como JSON", ["extract"]),
            ("Escribe una función en Python y ejecútala", ["write_code", "run_code"]),
        ],
    )
    def test_the_same_in_spanish(self, request_, expected):
        found = draft(request_)
        assert found.language == "es"
        assert [capability for _, capability in kinds(found.flow)] == expected


class TestInputs:
    def test_a_name_in_braces_is_filled_in_where_it_stands(self):
        found = draft("Answer {question} briefly", question=TEXT)
        assert render(found.flow.node("answer").prompt, {"question": "why?"}) == "Answer why? briefly"

    def test_braces_that_name_nothing_stay_as_they_are(self):
        found = draft("Explain {this}", other=TEXT)
        assert "{this}" in render(found.flow.node("answer").prompt, {"other": "x"})

    def test_a_later_step_reads_an_input_that_it_names(self):
        found = draft("Summarise the report then answer {question} from it", report=TEXT, question=TEXT)
        assert "question" in found.flow.node("answer").inputs

    def test_a_needed_text_that_nobody_gave_is_asked_for(self):
        found = draft("Summarise this review")
        assert [question.name for question in found.questions] == ["text"]
        assert not input_of(found.flow, "text").optional

    @pytest.mark.parametrize(
        ("request_", "name"),
        [
            ("Classify each ticket by urgency", "items"),
            ("Review this code", "code"),
            ("Run this script", "code"),
            ("Write unit tests for this function", "code"),
            ("Search the docs and answer the question", "documents"),
            ("Compute the average per region", "table"),
            ("Load sales.csv", "table"),
            ("Answer the customer's question", "question"),
            ("Draft a letter from these notes", "text"),
            ("Translate", "text"),
            ("Compare it", "text"),
        ],
    )
    def test_what_is_asked_for_fits_the_deed(self, request_, name):
        assert name in [question.name for question in draft(request_).questions]

    def test_the_same_input_is_asked_for_once(self):
        found = draft("Search the docs for tea, summarise it, then search the docs for coffee")
        assert [question.name for question in found.questions] == ["documents"]

    def test_two_texts_to_compare_are_two_inputs(self):
        assert [question.name for question in draft("Compare these two contracts").questions] == ["text", "other"]

    @pytest.mark.parametrize(
        "request_",
        [
            'Translate "good morning" into French',
            "Translate good morning everybody into French",
            "Summarise the plot of Hamlet",
            "Write a poem about rain",
            "Write a function that adds",
            'Run "ls"',
            "Plan a trip to Rome",
            "Solve 3 + 4 three times independently and vote",
        ],
    )
    def test_nothing_is_asked_for_where_the_request_says_it_all(self, request_):
        assert draft(request_).questions == ()

    def test_a_text_after_a_colon_is_the_material(self):
        found = draft("Summarise: The cat sat on the mat. It was writing a letter.")
        assert input_of(found.flow, "text").default == "The cat sat on the mat. It was writing a letter."
        assert found.questions == ()

    def test_lines_below_are_a_list_where_each_is_meant(self):
        found = draft("Classify each as positive or negative:\n- I love it\n- I hate it\n")
        assert input_of(found.flow, "items").default == ["I love it", "I hate it"]

    def test_a_block_below_a_blank_line_is_the_material(self):
        found = draft("Review this code\n\nprint(1)")
        assert input_of(found.flow, "text").default == "print(1)"

    def test_numbered_deeds_below_are_steps_and_no_material(self):
        found = draft("Review this text:\n1. summarise it\n2. translate it into French")
        assert [capability for _, capability in kinds(found.flow)][-1] == "translate"

    def test_fields_after_a_colon_are_fields(self):
        found = draft("Extract these fields: name, birth date", letter=TEXT)
        (call,) = prompts(found.flow).values()
        assert list(call.schema["properties"]) == ["name", "birth_date"]
        assert draft("Extract these fields: name, birth date").questions

    def test_labels_after_a_colon_are_labels_unless_some_are_named(self):
        (call,) = prompts(draft("Classify the text into these: red, green").flow).values()
        assert call.schema["enum"] == ["red", "green"]
        named = draft("Classify as good or bad: nice, cheap").flow
        assert input_of(named, "text").default == "nice, cheap"


class TestShapes:
    def test_several_languages_are_side_by_side(self):
        found = draft("Translate this into French, Italian and Dutch", text=TEXT)
        assert [node.inputs for node in found.flow.nodes if node.capability] == [{"text": "text"}] * 3

    def test_a_vote_rests_on_sampled_attempts(self):
        found = draft("Solve this math problem five times independently and take the majority", task=TEXT)
        calls = [node.work for node in found.flow.nodes if node.capability == "compute"]
        assert len(calls) == 5
        assert all(call.temperature > 0 and call.seed is None for call in calls)
        assert all(source.endswith(".answer") for source in found.flow.node("vote").inputs.values())
        assert "five times" not in calls[0].prompt

    def test_a_vote_without_a_number_makes_three_attempts(self):
        found = draft("Answer the question and take a vote", question=TEXT)
        assert [capability for _, capability in kinds(found.flow)].count("answer") == 3

    def test_a_vote_among_nothing_is_one_call(self):
        assert kinds(draft("vote").flow) == [("model", "vote")]

    def test_a_label_decides_a_branch(self):
        found = draft(
            "Detect the language of the mail; if it is not English, translate it to English, then answer it.", mail=TEXT
        )
        branch = found.flow.node("translate").work
        assert str(branch.cases[0].when) == "result not_equals 'English'"
        assert found.flow.node("answer").inputs == {"translate": "translate"}

    def test_any_condition_is_checked_by_a_model(self):
        found = draft("If the review is negative, write an apology; otherwise write a thank-you note.", review=TEXT)
        branch = found.flow.node("generate")
        assert branch.kind is NodeKind.BRANCH
        assert "thank-you" in prompts(branch.work.otherwise)["generate"].prompt
        assert branch.work.cases[0].when.value == "yes"

    def test_unless_turns_the_condition_round(self):
        found = draft("Translate the text into French unless it is short", text=TEXT)
        assert found.flow.node("translate").work.cases[0].when.value == "no"

    def test_a_condition_on_nothing_goes_into_the_prompt(self):
        found = draft("If it rains, suggest a film")
        assert found.flow.node("generate").prompt == "It rains: suggest a film"

    def test_otherwise_without_a_condition_is_a_plain_step(self):
        assert kinds(draft("Summarise the text, otherwise translate it into French", text=TEXT).flow)[-1] == (
            "model",
            "translate",
        )

    def test_code_is_repaired_until_the_tests_pass(self):
        found = draft("Write code that sorts, run it and debug it until the tests pass")
        report = found.flow.node("run_code").work
        branch = found.flow.node("debug_code").work
        loop = branch.otherwise.node("repair").work
        assert report.report
        assert (loop.until.path, loop.max_rounds) == ("ok", 3)

    @pytest.mark.parametrize(
        "request_", ["Write code that sorts until the tests pass", "Debug this code until it works"]
    )
    def test_a_repair_loop_brings_its_own_first_run(self, request_):
        found = draft(request_, code=CODE) if "Debug" in request_ else draft(request_)
        assert {"run_code", "debug_code"} <= {capability for _, capability in kinds(found.flow)}

    def test_a_failed_run_is_shown_to_who_debugs_it(self):
        found = draft("Write a script, run it and debug it")
        assert found.flow.node("run_code").work.report
        assert found.flow.node("debug_code").inputs == {"run_code": "run_code"}

    def test_a_text_is_improved_until_a_judge_agrees(self):
        found = draft("Improve this text until it is polite", text=TEXT)
        loop = found.flow.node("rewrite").work
        assert loop.until.path == "verdict"
        assert found.flow.output.inputs == {"rewrite": "rewrite.text"}

    def test_a_loop_may_start_from_nothing(self):
        assert draft("Write a poem until it rhymes").flow.node("generate").kind is NodeKind.LOOP

    def test_two_per_item_steps_keep_items_and_results_together(self):
        found = draft(
            "Classify each ticket by urgency, then draft a reply for each and check every reply.", tickets=LIST
        )
        body = found.flow.node("critique").work.body
        assert list(body.output.inputs) == ["item", "classify", "generate", "critique"]
        assert "{item.generate}" in prompts(body)["critique"].prompt

    def test_a_column_that_is_named_is_what_a_map_reads(self):
        found = draft("Label the sentiment of every row in df.text and count them", df=TABLE)
        body = found.flow.node("classify").work.body
        assert "{item.text}" in prompts(body)["classify"].prompt
        assert "Counter" in found.flow.node("run_code").code

    def test_a_map_passes_other_inputs_on(self):
        found = draft("For each question, answer it from the guide", guide=TEXT, questions=LIST)
        assert found.flow.node("answer").inputs == {"items": "questions", "guide": "guide"}

    def test_names_inside_a_map_make_way_for_those_of_inputs(self):
        found = draft("For each question, answer it from the item", item=TEXT, questions=LIST)
        assert found.flow.node("answer").work.item == "item_"

    def test_a_debate_has_two_sides_and_a_judge(self):
        found = draft("One expert argues for tea and another against it, then a judge decides.")
        assert len(found.flow.node("judge").inputs) == 2

    def test_sections_in_parallel_are_calls_of_their_own(self):
        found = draft("Outline an essay on tea, write each section in parallel, then edit it into one text.")
        assert found.flow.node("plan").work.schema["minItems"] == 3
        assert found.flow.node("generate_2").inputs == {"part2": "plan.1"}

    def test_aspects_told_apart_are_side_by_side(self):
        found = draft("Review this code for speed and style separately", code=CODE)
        assert "style" in found.flow.node("review_code_2").prompt

    def test_a_query_sees_the_first_rows_and_runs_on_all(self):
        found = draft("Write a SQL query for the revenue per region, run it and explain the result.", sales=TABLE)
        assert found.flow.node("run_code").inputs == {"query": "write_code", "table": "sales"}
        assert found.flow.node("write_code").inputs == {"read_data": "read_data"}

    def test_a_query_without_a_table_asks_for_one(self):
        assert [q.name for q in draft("Write a SQL query and run it on the table").questions] == ["table"]

    def test_a_computation_on_rows_is_a_program_of_a_model(self):
        found = draft("Compute the average per month", sales=TABLE)
        assert kinds(found.flow) == [("model", "write_code"), ("code", "run_code")]
        assert found.flow.node("run_code").inputs == {"program": "write_code", "sales": "sales"}

    def test_code_given_as_text_is_run_when_the_words_call_it_code(self):
        assert draft("Run this script", script=TEXT).flow.node("run_code").inputs == {"program": "script"}

    def test_the_other_inputs_go_on_past_a_search_in_documents(self):
        found = draft("Search the documents and answer the question", documents=LIST, question=TEXT)
        assert "question" in found.flow.node("answer").inputs

    def test_a_memory_reads_an_optional_history(self):
        found = draft("A chatbot that remembers my name and answers questions")
        assert input_of(found.flow, "history").optional
        assert "question" in found.flow.node("answer").inputs

    def test_asking_back_leaves_a_question_and_an_optional_input(self):
        found = draft("Ask me for missing details before you write the contract")
        assert [question.name for question in found.questions] == ["details"]
        assert found.flow.node("generate").inputs == {"clarify": "clarify", "details": "details"}

    def test_details_given_are_not_asked_for_again(self):
        found = draft("Ask me for missing details, then ask me again and write it", details=TEXT)
        assert [question.name for question in found.questions] == []
