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
from nubem_jupyter.engine.planner.lexicon import VERBS
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
        assert found.flow.node("answer").prompt == "zzz qqq"

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
        assert found.flow.node("generate").prompt == "it rains: suggest a film"

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


class TestWords:
    def test_a_search_says_that_the_model_answers_from_what_it_knows(self):
        assert draft("Research the history of tea").warnings == (LEXICONS[0].say["warn.search"],)

    def test_a_part_that_was_not_understood_is_told(self):
        found = draft("Summarise this text. Zzz qqq.", text=TEXT)
        assert found.confidence == 0.5
        assert "Zzz qqq" in found.warnings[0]
        assert "Zzz qqq" in found.flow.node("summarize").prompt

    @pytest.mark.parametrize(
        ("request_", "constraints"),
        [
            ("Summarise it for less than 2 cents", {"max_cost_usd": 0.02}),
            ("Summarise it within $0.5, in under 1 minute", {"max_cost_usd": 0.5, "max_latency_s": 60.0}),
            ("Summarise it; no answer may take over 30 seconds", {"max_latency_s": 30.0}),
            ("Summarise it. It took more than 30 seconds", {}),
            ("Explain a delay of more than 3 seconds", {}),
            ("Summarise it, 500 ms or less", {"max_latency_s": 0.5}),
            ("Summarise it with at least 90% accuracy", {"min_quality": 0.9}),
            ("List shops where at least 90% are open", {}),
            ("Summarise it in under 90%", {}),
            ("List toys that cost less than 5 dollars", {}),
            ("Summarise it for 5 dollars", {}),
            ("Summarise it for less than 0 cents", {}),
            ("Summarise it in under 9 seconds, at most 3 seconds", {"max_latency_s": 3.0}),
            ("Summarise it as cheaply as possible", {"prefer": "cost"}),
            (
                "Résume ce texte en moins de 3 secondes avec une haute sécurité",
                {"max_latency_s": 3.0, "security_level": "high"},
            ),
            ("Resume el texto sin gastar más de 5 centavos", {"max_cost_usd": 0.05}),
            ("Fasse den Text zusammen und höchstens 2 Cent ausgeben", {"max_cost_usd": 0.02}),
            ("Resuma o texto no meu computador", {"local_only": True}),
            ("No. Wait. Stop. It took more than 3 seconds", {}),
        ],
    )
    def test_limits_in_words_are_read(self, request_, constraints):
        assert draft(request_, text=TEXT).constraints == constraints

    def test_the_words_of_a_limit_do_not_reach_a_prompt(self):
        found = draft("Translate it into French for less than 2 cents", text=TEXT)
        assert "cent" not in found.flow.node("translate").prompt

    @pytest.mark.parametrize("lexicon", LEXICONS, ids=lambda lexicon: lexicon.code)
    def test_every_language_has_the_same_words_to_say_and_to_read(self, lexicon):
        first = LEXICONS[0]
        assert set(lexicon.say) == set(first.say)
        assert set(lexicon.names) == set(first.names)
        assert set(lexicon.labels) == set(first.labels)
        assert set(first.groups) - set(lexicon.groups) <= {"clitic"}
        assert set(VERBS) <= set(lexicon.groups)

    def test_the_explanation_speaks_the_language_of_the_request(self):
        found = draft("Resume cada reseña por menos de 2 centavos", textos=LIST)
        assert found.explanation == (
            "Leído como un paso: resumir. Se hace para cada elemento. "
            "Límites hallados en las palabras: max_cost_usd = 0.02."
        )


def _order(request, **inputs):
    return [
        [source for source in node.inputs.values()] for node in draft(request, **inputs).flow.nodes if node.capability
    ]


class TestOrder:
    @pytest.mark.parametrize(
        "request_",
        [
            "Summarise the text after translating it into French.",
            "Before summarising the text, translate it into French.",
            "Translate the text into French before summarising it.",
            "After translating the text into French, summarise it.",
            "Translate the text into French and summarise.",
            "Translate the text into French then summarise the original",
        ],
    )
    def test_before_and_after_tell_the_order(self, request_):
        assert [name for _, name in kinds(draft(request_, text=TEXT).flow)] == ["translate", "summarize"]
        assert _order(request_, text=TEXT) == [["text"], ["translate"]]

    @pytest.mark.parametrize(
        ("request_", "sources"),
        [
            ("Summarise this article and extract the dates", [["text"], ["text"]]),
            ("Classify the mood of this text and translate it into French", [["text"], ["text"]]),
            ("Summarise this article and translate into French", [["text"], ["summarize"]]),
            ("Résume ce texte et traduis-le en anglais", [["text"], ["summarize"]]),
            ("Résume ce texte et extrais les dates", [["text"], ["text"]]),
            ("Write a poem about the text and write a slogan", [["text"], ["text"]]),
            ("Resume el texto y tradúcelo al inglés", [["text"], ["summarize"]]),
            ("Critique the text in parallel, check the tone in parallel", [["text"], ["text"]]),
        ],
    )
    def test_a_step_reads_what_its_words_speak_of(self, request_, sources):
        assert _order(request_, text=TEXT) == sources

    def test_a_dangling_word_of_order_is_harmless(self):
        assert kinds(draft("Summarise the text, after").flow) == [("model", "summarize")]

    def test_polite_words_are_no_condition(self):
        assert kinds(draft("S'il te plaît, résume ce texte").flow) == [("model", "summarize")]

    def test_whether_is_a_question_about_the_text_and_no_condition(self):
        (call,) = prompts(draft("Tell me if this text mentions Rome").flow).values()
        assert call.schema["enum"] == ["yes", "no"]

    def test_a_subject_may_stand_before_its_verb(self):
        found = draft("A writer drafts the letter, a critic checks it and a panel of judges waits")
        assert [name for _, name in kinds(found.flow)] == ["generate", "critique"]

    def test_things_that_look_like_deeds_stay_in_their_list(self):
        (call,) = prompts(draft("Extract the title, review and score", page=TEXT).flow).values()
        assert list(call.schema["properties"]) == ["title", "review", "score"]

    def test_deliverables_are_side_by_side(self):
        found = draft("Give me a summary, a translation and an email", text=TEXT)
        assert _order("Give me a summary, a translation and an email", text=TEXT) == [["text"]] * 3
        assert len(kinds(found.flow)) == 3

    def test_an_agent_that_does_nothing_known_is_written(self):
        assert draft("I want a bot").confidence == 1
        assert [name for _, name in kinds(draft("Build a bot that reads the post and sums up the mail").flow)] == [
            "summarize"
        ]

    def test_a_german_clause_may_end_with_its_verb(self):
        found = draft("Kannst du den Text zusammenfassen und ins Englische übersetzen?", text=TEXT)
        assert [name for _, name in kinds(found.flow)] == ["summarize", "translate"]

    def test_waiting_words_before_a_sentence_end_are_told(self):
        found = draft("About my holiday. Summarise the text", text=TEXT)
        assert found.confidence == 0.5


class TestDetails:
    def call(self, request, **inputs):
        (found,) = prompts(draft(request, **(inputs or {"text": TEXT})).flow).values()
        return found

    @pytest.mark.parametrize(
        ("request_", "labels"),
        [
            ("Classify the text (good, bad, unclear)", ["good", "bad", "unclear"]),
            ("Classify it as spam or not spam", ["spam", "not spam"]),
            ('Label it as "very good" or "bad"', ["very good", "bad"]),
            ("Decide whether the text is happy or sad", ["happy", "sad"]),
            ("Classify it as good or bad for each reader", ["good", "bad"]),
            ("Classify the sentiment of the text", ["positive", "negative", "neutral"]),
            ("Ordne den Text als positiv oder negativ ein", ["positiv", "negativ ein"]),
            ("Decide whether it rains", ["yes", "no"]),
        ],
    )
    def test_labels_are_those_named_or_the_usual_ones(self, request_, labels):
        assert self.call(request_).schema["enum"] == labels

    def test_without_labels_any_short_one_will_do(self):
        assert self.call("Categorise the text").schema == {"type": "string", "maxLength": 30}

    def test_a_plural_field_alone_is_a_list(self):
        call = self.call("List the three main risks of the text")
        assert (call.output, call.schema["minItems"]) == (LIST, 3)
        assert self.call("Extract the dates").schema["maxItems"] == 10

    def test_fields_in_a_table_are_rows(self):
        call = self.call("Extrae las fechas y los importes de este contrato en una tabla")
        assert call.output is TABLE
        assert list(call.schema["items"]["properties"]) == ["fechas", "importes"]

    def test_a_plural_field_among_others_is_a_list_of_its_own(self):
        assert self.call("Extract the title and the names").schema["properties"]["names"]["type"] == "array"

    def test_extraction_without_fields_is_asked_for_in_the_words_of_the_user(self):
        assert self.call("Extract").schema is None

    def test_a_word_of_fan_out_is_no_field(self):
        call = self.call("Extract the date and the place per row", rows=TABLE)
        assert list(call.schema["properties"]) == ["date", "place"]

    def test_at_most_eight_fields_are_asked_for(self):
        call = self.call("Extract a1, a2, a3, a4, a5, a6, a7, a8, a9 and a10 as JSON")
        assert len(call.schema["properties"]) == 8

    def test_the_language_that_is_translated_from_is_no_target(self):
        assert "into English" in self.call("Translate it from Spanish to English").prompt

    def test_a_translation_into_a_language_without_examples_has_none(self):
        assert self.call("Translate it into Korean").examples == ()

    def test_a_translation_without_a_target_is_asked_for_as_it_stands(self):
        assert self.call("Translate the text").prompt.startswith("Translate the text")

    def test_a_number_of_names_is_a_list_of_that_length(self):
        call = self.call("Generate five names for a cat")
        assert (call.output, call.schema["maxItems"]) == (LIST, 5)

    def test_ideas_that_are_each_worked_on_are_a_list(self):
        found = draft("Brainstorm ideas and criticise each of them")
        assert found.flow.node("generate").work.output is LIST
        assert found.flow.node("critique").kind is NodeKind.MAP
