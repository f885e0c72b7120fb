"""Lists and tables: each item of what is given, counting by meaning, figures by code; greetings, tales and warnings."""

import pytest

from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import NodeKind
from nubem_jupyter.engine.planner import draft_flow, programs

TEXT, LIST, TABLE = ValueType.TEXT, ValueType.LIST, ValueType.TABLE


def capabilities(found):
    return [node.capability for node in found.flow.nodes if node.capability]


def run(source, values):
    names = {"values": values}
    exec(source, names)  # a program that the planner holds
    return names["result"]


class TestEach:
    @pytest.mark.parametrize(
        "request_",
        [
            "Summarise the reviews and classify each one as positive or negative",
            "Summarise the reviews, then classify each one as positive or negative",
            "Resume las reseñas y clasifica cada una como positiva o negativa",
            "Fasse die Bewertungen zusammen und stufe jede als positiv oder negativ ein",
            "Resuma as avaliações e classifique cada uma como positiva ou negativa",
            "Compare the offers and extract the price of each",
        ],
    )
    def test_a_clause_for_each_goes_over_the_list_given_and_not_over_the_summary(self, request_):
        found = draft_flow(request_, {"texts": LIST})
        (over,) = [node for node in found.flow.nodes if node.kind is NodeKind.MAP]
        assert set(over.inputs.values()) == {"texts"}
        assert len(found.flow.output.inputs) == 2
        assert "each item" in found.explanation or found.language != "en"

    def test_each_part_of_a_result_is_no_item_of_the_list(self):
        found = draft_flow("Summarise the reviews and expand each point", {"texts": LIST})
        assert "summarize" in found.flow.node("rewrite").inputs

    def test_each_under_a_condition_waits(self):
        request = "Summarise the reviews and translate each into French if the summary is long"
        assert len(draft_flow(request, {"texts": LIST}).flow.output.inputs) == 1

    def test_what_is_done_once_is_not_said_to_be_done_for_each_item(self):
        found = draft_flow("Write a reply to each complaint in this text", {"text": TEXT})
        assert not any(node.kind is NodeKind.MAP for node in found.flow.nodes)
        assert "each item" not in found.explanation


class TestMeaning:
    @pytest.mark.parametrize(
        ("request_", "label"),
        [
            ("Count how many reviews are positive", "positive"),
            ("Cuenta cuántas reseñas son positivas", "positivo"),
            ("Compte combien d'avis sont positifs", "positif"),
            ("Zähle, wie viele Bewertungen positiv sind", "positiv"),
            ("Conte quantas avaliações são positivas", "positivo"),
        ],
    )
    @pytest.mark.parametrize("inputs", [{}, {"texts": LIST}])
    def test_counting_by_meaning_labels_each_text_and_counts_by_code(self, request_, label, inputs):
        found = draft_flow(request_, inputs)
        assert capabilities(found) == ["classify", "run_code"]
        assert found.flow.node("classify").kind is NodeKind.MAP
        assert run(found.flow.node("run_code").work.source, [label, label, "x"]) == 2

    @pytest.mark.parametrize(
        ("request_", "kept"),
        [
            ("Keep only the negative reviews", ["a"]),
            ("Remove the negative reviews", ["b"]),
            ("Filtra las reseñas negativas", ["a"]),
            ("Elimina las reseñas negativas", ["b"]),
        ],
    )
    def test_filtering_by_meaning_gives_the_texts_themselves(self, request_, kept):
        found = draft_flow(request_, {"texts": LIST})
        label = "negative" if found.language == "en" else "negativo"
        rows = [{"item": "a", "classify": label}, {"item": "b", "classify": "x"}]
        assert run(found.flow.node("run_code").work.source, rows) == kept

    def test_any_other_meaning_is_a_question_of_yes_or_no(self):
        found = draft_flow("How many reviews mention the price?", {"texts": LIST})
        call = found.flow.node("classify").work.body.node("classify").work
        assert "mention price" in call.prompt
        assert call.schema["enum"] == ["yes", "no"]

    @pytest.mark.parametrize(
        ("request_", "inputs"),
        [
            ("Count the reviews", {"texts": LIST}),
            ("Count the words in each review", {"texts": LIST}),
            ("Cuenta las palabras de cada reseña", {"texts": LIST}),
            ("Remove personal names from each message", {"texts": LIST}),
            ("Elimina los nombres de cada mensaje", {"texts": LIST}),
            ("Count how many reviews have more than 20 letters", {"texts": LIST}),
            ("Count how many rows are there", {"rows": TABLE}),
            ("Plot the reviews", {"texts": LIST}),
        ],
    )
    def test_what_code_can_tell_is_left_to_code(self, request_, inputs):
        assert "classify" not in capabilities(draft_flow(request_, inputs))

    def test_a_question_counts_as_well(self):
        assert capabilities(draft_flow("How many reviews are positive?", {"texts": LIST})) == ["classify", "run_code"]

    def test_lines_below_are_the_texts_that_are_counted(self):
        found = draft_flow("Count how many reviews are positive:\n- good\n- bad")
        assert found.questions == ()
        assert found.flow.node("items").work.default == ["good", "bad"]

    def test_programs_take_plain_labels_and_records(self):
        assert run(programs.sift("count", "a"), ["a", {"item": 1, "classify": "a"}, "b"]) == 2


class TestFigures:
    @pytest.mark.parametrize(
        "request_",
        [
            "What is the average number of stars?",
            "How many rows are there?",
            "Tell me the maximum price",
            "¿Cuál es la media de estrellas?",
            "Quelle est la somme des prix ?",
            "Wie viele Zeilen gibt es?",
            "Qual é a média das notas?",
        ],
    )
    def test_a_figure_of_a_whole_table_is_computed_by_a_program(self, request_):
        found = draft_flow(request_, {"rows": TABLE})
        assert capabilities(found) == ["write_code", "run_code"]
        assert "rows" in found.flow.node("run_code").inputs

    def test_a_figure_of_a_list_is_computed_too(self):
        assert capabilities(draft_flow("What is the sum?", {"numbers": LIST})) == ["write_code", "run_code"]

    def test_another_question_about_a_table_is_answered(self):
        assert capabilities(draft_flow("What is this table about?", {"rows": TABLE})) == ["answer"]

    @pytest.mark.parametrize(
        "request_",
        [
            "Compute the first 20 primes with Python",
            "Compute the sum of the numbers 1 to 100 using Python",
            "Calcula los 20 primeros números primos con Python",
            "Calcule les 20 premiers nombres premiers avec Python",
            "Berechne die ersten 20 Primzahlen mit Python",
            "Calcule os 20 primeiros números primos com Python",
        ],
    )
    def test_what_is_computed_with_python_is_written_and_run(self, request_):
        found = draft_flow(request_)
        assert capabilities(found) == ["write_code", "run_code"]
        assert found.questions == ()


class TestTalk:
    @pytest.mark.parametrize(
        ("request_", "language"),
        [("Hola", "es"), ("Hola mundo", "es"), ("Hello", "en"), ("Bonjour", "fr"), ("Hallo", "de"), ("Olá", "pt")],
    )
    def test_a_greeting_is_answered_in_its_language(self, request_, language):
        found = draft_flow(request_)
        assert (found.language, capabilities(found), found.warnings) == (language, ["answer"], ())

    @pytest.mark.parametrize(
        "request_", ["Hello. Summarise this text", "Hola, resume este texto", "Résume ce texte. Merci !"]
    )
    def test_a_greeting_beside_a_task_is_no_task(self, request_):
        found = draft_flow(request_)
        assert capabilities(found) == ["summarize"]
        assert found.confidence == 1

    @pytest.mark.parametrize(
        "request_",
        [
            "Tell me a joke",
            "Cuéntame un chiste",
            "Cuéntame la historia de Roma",
            "Cuenta un chiste",
            "Raconte-moi une blague",
            "Erzähl mir einen Witz",
            "Conte-me uma piada",
        ],
    )
    def test_telling_is_no_counting(self, request_):
        assert capabilities(draft_flow(request_)) == ["generate"]

    @pytest.mark.parametrize(
        "request_",
        [
            "Write an email to my boss and then translate it into French and German",
            "Escribe un correo a mi jefa y luego tradúcelo al inglés",
            "Schreibe eine E-Mail an meinen Chef und übersetze sie dann ins Englische",
        ],
    )
    def test_a_person_who_is_mine_is_no_text_to_ask_for(self, request_):
        assert draft_flow(request_).questions == ()

    def test_a_verb_that_says_no_deed_here_leaves_it_to_the_next(self):
        assert capabilities(draft_flow("Print and translate the text into French", {"text": TEXT})) == ["translate"]

    def test_a_text_that_is_mine_is_asked_for(self):
        assert [question.name for question in draft_flow("Write a letter from my notes").questions] == ["text"]


class TestWarnings:
    @pytest.mark.parametrize(
        ("request_", "parts"),
        [
            ("Summarise the text in under 10 words using gpt-4o.", ["10 words", "gpt-4o"]),
            ("Resume el texto en 10 palabras con el modelo-x y con claude-3", ["10 palabras", "claude-3"]),
            ("Fasse den Text mit gpt-4o in 10 Wörtern zusammen", ["10 Wörtern", "gpt-4o"]),
            ("Summarise the text with the gemini-pro model", ["gemini-pro"]),
        ],
    )
    def test_words_that_bind_nothing_are_told(self, request_, parts):
        warnings = draft_flow(request_, {"text": TEXT}).warnings
        assert len(warnings) == len(parts)
        assert all(any(part in warning for warning in warnings) for part in parts)
        assert "--models" in warnings[-1]

    def test_a_model_that_is_only_spoken_of_is_no_warning(self):
        assert draft_flow("What is gpt-4o?").warnings == ()

    @pytest.mark.parametrize(
        "request_",
        [
            "Summarise the text without leaving my machine",
            "Resume el texto sin salir de mi máquina",
            "Résume le texte sans quitter ma machine",
            "Fasse den Text zusammen, ohne meinen Rechner zu verlassen",
            "Resuma o texto sem sair da minha máquina",
        ],
    )
    def test_not_leaving_the_machine_is_a_limit(self, request_):
        assert draft_flow(request_, {"text": TEXT}).constraints == {"local_only": True}

    @pytest.mark.parametrize(
        "request_", ["Résume ce texte en une phrase : {texte}", "Summarise this: {texte}", "Resume esto. {texte}"]
    )
    def test_an_input_that_is_pointed_at_is_understood(self, request_):
        found = draft_flow(request_, {"texte": TEXT})
        assert (found.warnings, found.confidence) == ((), 1)
