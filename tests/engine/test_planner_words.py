"""What the planner reads out of words: limits, order, labels, fields and languages."""

import pytest

from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import NodeKind, Prompt
from nubem_jupyter.engine.planner import draft_flow
from nubem_jupyter.engine.planner.lexicon import VERBS
from nubem_jupyter.engine.planner.words import LEXICONS

TEXT, LIST, TABLE = ValueType.TEXT, ValueType.LIST, ValueType.TABLE


def draft(request, **inputs):
    return draft_flow(request, inputs)


def kinds(flow):
    return [(node.kind.value, node.capability) for node in flow.nodes if node.capability]


def prompts(flow):
    return {place: node.work for place, node in flow.walk() if isinstance(node.work, Prompt)}


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
            ("Summarise it; the data must stay in the EU", {"region": "eu"}),
            ("Summarise it without leaving the US", {"region": "us"}),
            ("Summarise what the EU says about data", {}),
            ("Fasse den Text zusammen, die Daten dürfen die EU nicht verlassen", {"region": "eu"}),
            ("Resume el texto sin salir de la UE", {"region": "eu"}),
            ("Résume ce texte sans quitter l'UE", {"region": "eu"}),
            ("Résume ce texte, les données restent aux États-Unis", {"region": "us"}),
            ("Resuma o texto, os dados devem ficar na UE", {"region": "eu"}),
            ("No. Wait. Stop. It took more than 3 seconds", {}),
        ],
    )
    def test_limits_in_words_are_read(self, request_, constraints):
        assert draft(request_, text=TEXT).constraints == constraints

    @pytest.mark.parametrize(
        ("request_", "part"),
        [
            ("Summarise it; our data has to remain within the European Union", "our data has to remain within the Eur"),
            ("Summarise it, keep it in Switzerland", "keep it in Switzerland"),
            ("Process this in the UK only, then summarise it", "Process this in the UK only"),
            ("Summarise it; use only models in Germany", "use only models in Germany"),
            ("Resume el texto; los datos no deben salir de Suiza", "los datos no deben salir de Suiza"),
            ("Résume ce texte, les données restent en Allemagne", "les données restent en Allemagne"),
            ("Fasse den Text zusammen, die Daten müssen in Österreich bleiben", "die Daten müssen in Österreich"),
            ("Resuma o texto, os dados devem ficar em Portugal", "os dados devem ficar em Portugal"),
        ],
    )
    def test_a_place_that_no_limit_is_read_of_is_told(self, request_, part):
        found = draft(request_, text=TEXT)
        assert "region" not in found.constraints
        (told,) = [warning for warning in found.warnings if "--region" in warning]
        assert part in told

    @pytest.mark.parametrize(
        "request_",
        [
            "Summarise what the EU says about data",
            "Summarise the sales in Germany",
            "Summarise it; the data must stay in the EU",
            'Summarise it and explain "keep it in Switzerland"',
        ],
    )
    def test_a_place_that_is_a_limit_or_none_is_not_told_of(self, request_):
        assert not [warning for warning in draft(request_, text=TEXT).warnings if "--region" in warning]

    @pytest.mark.parametrize(
        "request_",
        [
            "Write a policy which says that data must stay in the EU",
            "Draft a notice saying the data must not leave the US",
            "Escribe una norma que diga que los datos deben quedarse en la UE",
            "Schreibe eine Regel, die besagt, dass die Daten in der EU bleiben",
        ],
    )
    def test_what_a_text_is_to_say_is_no_limit(self, request_):
        found = draft(request_)
        assert found.constraints == {}
        assert "--region" in found.warnings[-1]

    @pytest.mark.parametrize(
        "request_",
        [
            "Write a policy which says that we are fair, the data must stay in the EU",
            "Summarise the mail that says that we won without leaving the EU",
            "Say hello. Write a policy; data must stay in the EU",
        ],
    )
    def test_a_limit_beside_what_a_text_is_to_say_holds(self, request_):
        assert draft(request_).constraints == {"region": "eu"}

    def test_the_words_of_a_limit_do_not_reach_a_prompt(self):
        found = draft("Translate it into French for less than 2 cents", text=TEXT)
        assert "cent" not in found.flow.node("translate").prompt

    @pytest.mark.parametrize("lexicon", LEXICONS, ids=lambda lexicon: lexicon.code)
    def test_every_language_has_the_same_words_to_say_and_to_read(self, lexicon):
        first = LEXICONS[0]
        assert set(lexicon.say) == set(first.say)
        assert set(lexicon.names) == set(first.names)
        assert set(lexicon.labels) == set(first.labels)
        assert set(first.groups) ^ set(lexicon.groups) <= {"clitic", "causing", "comparative"}
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
            ("Ordne den Text als positiv oder negativ ein", ["positiv", "negativ"]),
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
