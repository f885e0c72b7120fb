"""Phrases that open a sentence say what its steps work on, and are no steps of their own."""

import pytest

from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Prompt
from nubem_jupyter.engine.planner import draft_flow

TEXT, LIST = ValueType.TEXT, ValueType.LIST


def drawn(request, **inputs):
    return [(node.kind.value, node.capability) for node in draft_flow(request, inputs).flow.nodes if node.capability]


def prompts(request, **inputs):
    return [node.work for _, node in draft_flow(request, inputs).flow.walk() if isinstance(node.work, Prompt)]


class TestFanOut:
    @pytest.mark.parametrize("comma", ["", ","])
    @pytest.mark.parametrize(
        ("request_", "fields"),
        [
            ("For each complaint{} extract the airline and the airport", ["airline", "airport"]),
            ("Please, for every letter{} extract the sender and the day", ["sender", "day"]),
            ("Para cada queja{} extrae la marca y el modelo", ["marca", "modelo"]),
            ("Pour chaque plainte{} extrais la marque et le prix", ["marque", "prix"]),
            ("Für jede Meldung{} extrahiere den Ort und die Uhrzeit", ["ort", "uhrzeit"]),
            ("Para cada queixa{} extraia a marca e o modelo", ["marca", "modelo"]),
        ],
    )
    def test_a_leading_for_each_makes_the_next_step_go_over_each(self, request_, fields, comma):
        request = request_.format(comma)
        assert drawn(request, posts=LIST) == [("map", "extract")]
        (call,) = prompts(request, posts=LIST)
        assert list(call.schema["properties"]) == fields

    @pytest.mark.parametrize(
        "request_",
        [
            "For every row in the table, classify the text as loud or quiet",
            "Given a list of songs, classify each as loud or quiet",
            "For each report, classify it as loud or quiet",
            "Dada una lista de canciones, clasifica cada una como alta o baja",
            "Dada uma lista de canções, classifique cada uma como alta ou baixa",
            "Étant donné une liste de chansons, classe chaque chanson comme forte ou douce",
            "Gegeben eine Liste von Liedern, ordne jedes Lied als laut oder leise ein",
        ],
    )
    def test_a_phrase_that_names_the_list_is_no_step(self, request_):
        assert drawn(request_, songs=LIST) == [("map", "classify")]
        assert len(prompts(request_, songs=LIST)[0].schema["enum"]) == 2

    @pytest.mark.parametrize(
        ("request_", "capabilities"),
        [
            ("For each poem, write a title and rewrite it in plain words", ["map", "map"]),
            ("For each poem: summarise it, then translate it into German", ["map", "map"]),
            ("For each poem, summarise it, and combine everything into one report", ["map", "model"]),
            ("Read the poems and for each one write a title", ["map"]),
            ("For each poem review write a reply", ["map"]),
            ("For each review write a reply", ["map"]),
        ],
    )
    def test_it_holds_for_the_deeds_of_its_sentence_and_not_for_what_gathers_them(self, request_, capabilities):
        assert [kind for kind, _ in drawn(request_, poems=LIST)] == capabilities

    def test_the_model_that_sees_one_item_is_not_told_of_each(self):
        assert prompts("For each poem, write a title", poems=LIST)[0].prompt == "Write a title\n\n{item}"
        assert prompts("Write a title for each poem", poems=LIST)[0].prompt == "Write a title\n\n{item}"

    def test_a_long_phrase_stays_in_the_prompt_because_it_says_more(self):
        request = "For each letter about the noise of the night trains, write a reply"
        assert "night trains, write a reply" in prompts(request, letters=LIST)[0].prompt

    def test_it_goes_over_the_result_before_it(self):
        flow = draft_flow("Brainstorm three plots. For each plot, write a title.").flow
        assert [(node.kind.value, dict(node.inputs)) for node in flow.nodes if node.capability] == [
            ("model", {}),
            ("map", {"items": "generate"}),
        ]

    def test_two_sentences_may_go_over_the_same_list(self):
        request = "For each poem, write a title. For each poem, write a motto."
        assert drawn(request, poems=LIST) == [("map", "generate")] * 2

    def test_an_input_that_it_names_is_read(self):
        flow = draft_flow("For each of {poems}, write a title", {"poems": LIST}).flow
        assert flow.node("generate").inputs["items"] == "poems"

    def test_fields_may_follow_it(self):
        (call,) = prompts("Extrahiere für jede Meldung den Ort und die Uhrzeit", posts=LIST)
        assert list(call.schema["properties"]) == ["ort", "uhrzeit"]

    def test_a_german_verb_may_close_the_clause(self):
        (call,) = prompts("Für jede Meldung den Ort und die Uhrzeit extrahieren", posts=LIST)
        assert list(call.schema["properties"]) == ["ort", "uhrzeit"]

    def test_one_that_no_deed_follows_is_told(self):
        assert draft_flow("For each poem: zzz", {"poems": LIST}).confidence == 0

    def test_a_translation_is_of_the_last_text_alone(self):
        request = "For each poem, classify it as loud or quiet, then rewrite it and then translate that into German"
        assert prompts(request, poems=LIST)[-1].prompt.endswith("}")
        assert "classify" not in prompts(request, poems=LIST)[-1].prompt


class TestMaterial:
    @pytest.mark.parametrize(
        ("request_", "capability"),
        [
            ("With this text, write a summary", "summarize"),
            ("Using the review, write a poem", "generate"),
            ("From the contract, extract the parties and the term", "extract"),
            ("Del contrato, extrae las partes y el plazo", "extract"),
            ("À partir du texte, écris un résumé", "summarize"),
            ("Aus dem Vertrag extrahiere die Namen und das Datum", "extract"),
            ("Do contrato, extraia as partes e o prazo", "extract"),
        ],
    )
    def test_a_phrase_that_names_the_text_is_no_step_and_stays_in_the_prompt(self, request_, capability):
        assert drawn(request_, page=TEXT) == [("model", capability)]
        assert prompts(request_, page=TEXT)[0].prompt.startswith(request_)

    def test_a_text_that_only_the_phrase_names_is_asked_for(self):
        assert [question.name for question in draft_flow("With this text, write a summary").questions] == ["text"]

    def test_it_tells_where_to_look(self):
        assert drawn("In our documents, look up the holiday rules") == [("model", "retrieve")]

    def test_a_text_that_was_just_made_is_worked_on(self):
        found = draft_flow("Summarise the page. From the summary, extract the names", {"page": TEXT}).flow
        assert dict(found.node("extract").inputs) == {"summarize": "summarize"}

    def test_a_deed_after_such_a_word_is_a_step(self):
        assert drawn("Para resumir el texto, traduce el texto al inglés", page=TEXT)[0] == ("model", "summarize")


class TestBriefQuestions:
    @pytest.mark.parametrize(
        ("request_", "opening"),
        [
            ("Who discovered penicillin?", "Answer the question in one short sentence.\n\nWho"),
            ("In which sea lies Malta?", "Answer the question in one short sentence.\n\nIn"),
            ("¿Quién descubrió la penicilina?", "Responde a la pregunta con una frase corta.\n\n¿Quién"),
            ("Qui a découvert la pénicilline ?", "Réponds à la question en une phrase courte.\n\nQui"),
            ("Wer entdeckte das Penicillin?", "Beantworte die Frage in einem kurzen Satz.\n\nWer"),
            ("Quem descobriu a penicilina?", "Responda à pergunta com uma frase curta.\n\nQuem"),
        ],
    )
    def test_a_brief_question_comes_with_examples_of_brief_answers_in_its_language(self, request_, opening):
        (call,) = prompts(request_)
        assert call.prompt.startswith(opening)
        assert len(call.examples) == 2

    @pytest.mark.parametrize(
        "request_",
        [
            "Answer the question",
            "Responde a la pregunta",
            "Réponds à la question",
            "Beantworte die Frage",
            "Responda à pergunta",
        ],
    )
    def test_a_question_that_an_input_holds_is_taken_for_a_brief_one(self, request_):
        (call,) = prompts(request_, asked=TEXT)
        assert call.prompt.endswith("\n\n{asked}")
        assert len(call.examples) == 2

    @pytest.mark.parametrize(
        ("request_", "inputs"),
        [
            ("Explain why the sea is salty", {}),
            ("Could you explain why the sea is salty?", {}),
            ("Prove that there is no largest prime", {}),
            ("What is dew? Answer like a pirate.", {}),
            ('What does "dew" mean?', {}),
            ("What is " + "very " * 30 + "old?", {}),
            ("Who is named here?", {"page": TEXT}),
            ("Answer the question in detail", {"asked": TEXT}),
            ("Answer the question", {"asked": TEXT, "page": TEXT}),
            ("Answer the question", {"asked": LIST}),
        ],
    )
    def test_longer_tasks_and_questions_about_material_are_asked_as_they_stand(self, request_, inputs):
        assert prompts(request_, **inputs)[-1].examples == ()

    def test_a_multiplication_is_no_number_of_attempts(self):
        (call,) = prompts("What is 8 times 9? Answer with the number.")
        assert call.prompt == "What is 8 times 9? Answer with the number"


class TestGermanVerbs:
    @pytest.mark.parametrize(
        ("request_", "labels"),
        [
            ("Stufe jeden Film als lustig oder traurig ein", ["lustig", "traurig"]),
            ("Ordne jede Anfrage als eilig oder nicht eilig zu", ["eilig", "nicht eilig"]),
            ("Ordne jeden Brief in privat, amtlich oder sonstiges ein.", ["privat", "amtlich", "sonstiges"]),
        ],
    )
    def test_the_part_of_a_verb_at_the_end_belongs_to_no_label(self, request_, labels):
        (call,) = prompts(request_, post=LIST)
        assert call.schema["enum"] == labels

    def test_nor_to_a_field(self):
        (call,) = prompts("Liste die Namen und die Orte auf", page=TEXT)
        assert list(call.schema["properties"]) == ["namen", "orte"]


class TestLabelsOfTranslations:
    @pytest.mark.parametrize(
        ("request_", "source"),
        [
            ("Translate this letter into Dutch and classify it as kind or rude", "letter"),
            ("Translate this letter into Dutch and classify the translation as kind or rude", "translate"),
            ("Translate this letter into Dutch, then classify it as kind or rude", "translate"),
        ],
    )
    def test_a_label_is_of_the_original_unless_the_words_say_otherwise(self, request_, source):
        assert source in draft_flow(request_, {"letter": TEXT}).flow.node("classify").inputs.values()
