"""What is to be answered from files, or from fitting rows, is looked up first, and a model answers from that."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nubem_jupyter.core.component import ComponentInfo, Origin, Parameter
from nubem_jupyter.core.flow import Flow
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Component
from nubem_jupyter.engine.planner.draft import draft_flow
from nubem_jupyter.engine.planner.looking_up import Retriever, find_retriever, look_up, may_look_up
from nubem_jupyter.engine.planner.places import Place
from nubem_jupyter.engine.planner.searching import Searcher
from nubem_jupyter.engine.planner.words import LEXICONS

ENGLISH = LEXICONS[0]


def tool(name, capability, *needed, optional=()):
    types = {"rows": ValueType.LIST}
    return ComponentInfo(
        name=name,
        version="1",
        description="",
        capability=capability,
        inputs=(
            *(Parameter(name=each, type=types.get(each, ValueType.TEXT), required=True) for each in needed),
            *(Parameter(name=each, type=ValueType.TEXT, required=False) for each in optional),
        ),
        output=ValueType.TABLE,
        permissions=(),
        cost_usd=0.0,
        ttl_s=None,
        origin=Origin(kind="builtin", where="here", digest="0"),
    )


FOLDER = tool("retrieve.folder", "retrieve", "query", optional=("path", "limit"))
ROWS = tool("retrieve.rows", "retrieve", "query", "rows")
BOTH = Retriever(folder=FOLDER, rows=ROWS)


def draft(request, inputs=None, retriever=BOTH):
    return draft_flow(request, inputs, None, retriever)


def use_of(flow: Flow, name: str):
    """Give a component's arguments in the flow; None where it is not used."""
    found = [node.work.args for node in flow.nodes if isinstance(node.work, Component) and node.work.name == name]
    return dict(found[0]) if found else None


def test_the_tools_are_told_by_what_they_take():
    other = tool("a.b", "retrieve", "query", "place")
    assert find_retriever([other, tool("web.search", "search", "query"), ROWS, FOLDER]) == BOTH
    assert find_retriever([FOLDER]) == Retriever(folder=FOLDER)
    assert find_retriever([ROWS, tool("c.d", "retrieve", "query")]) is None


CASES = [
    ("Answer from the files in docs/: how long are the backups kept?", "docs/", "how long are the backups kept"),
    ("Using the documents in docs/, explain how the warranty works", "docs/", "explain how the warranty works"),
    (
        "According to the files in policies/, how many days can I carry over?",
        "policies/",
        "how many days can I carry over",
    ),
    ("Search my notes for the wifi password", ".", "wifi password"),
    ("What do my notes say about the budget?", ".", "What do my notes say about the budget"),
    (
        "Responde a partir de los archivos de docs/: ¿quién aprueba las vacaciones?",
        "docs/",
        "¿quién aprueba las vacaciones",
    ),
    ("Busca en mis notas la contraseña del wifi", ".", "contraseña del wifi"),
    ("¿Qué dicen mis notas sobre el presupuesto?", ".", "¿Qué dicen mis notas sobre el presupuesto"),
    ("Réponds à partir des fichiers de docs/ : qui approuve les congés ?", "docs/", "qui approuve les congés"),
    ("Cherche dans mes notes le mot de passe du wifi", ".", "mot de passe du wifi"),
    (
        "D'après les fichiers du dossier manuel, comment réinitialiser l'appareil ?",
        "manuel",
        "comment réinitialiser l'appareil",
    ),
    (
        "Beantworte aus den Dateien in docs/: Wie lange werden Sicherungen aufbewahrt?",
        "docs/",
        "Wie lange werden Sicherungen aufbewahrt",
    ),
    ("Suche in meinen Notizen nach dem WLAN-Passwort", ".", "WLAN-Passwort"),
    ("Durchsuche den Ordner handbuch nach der Garantie", "handbuch", "Garantie"),
    ("Was steht in meinen Notizen über das Budget?", ".", "Was steht in meinen Notizen über das Budget"),
    ("Responda a partir dos arquivos em docs/: quem aprova as férias?", "docs/", "quem aprova as férias"),
    ("Procure nas minhas notas a senha do wifi", ".", "senha do wifi"),
    ("Segundo os documentos da pasta manual, como se reinicia o aparelho?", "manual", "como se reinicia o aparelho"),
]


@pytest.mark.parametrize(("request_", "path", "query"), CASES)
def test_files_are_looked_up_and_answered_from(request_, path, query):
    done = draft(request_)
    assert use_of(done.flow, "retrieve.folder") == {"path": path, "limit": 3, "query": query}
    assert done.questions == ()
    assert done.warnings == ()
    passages, answer = (node for node in done.flow.nodes if node.capability)
    assert "passages" in answer.inputs.values()
    assert answer.capability == "answer"
    assert passages.capability == "retrieve"
    assert answer.work.prompt.startswith(
        next(lexicon for lexicon in LEXICONS if lexicon.code == done.language).say["files.passages"]
    )
    assert [example.answer.count(".md") for example in answer.work.examples] == [1, 1]


ROW_CASES = [
    "Which of these rows is about a broken door?",
    "¿Cuál de estas filas habla de una puerta rota?",
    "Laquelle de ces lignes parle d'une porte cassée ?",
    "Welche dieser Zeilen handelt von einer kaputten Tür?",
    "Qual destas linhas fala de uma porta quebrada?",
    "Search the tickets for a broken door",
]


@pytest.mark.parametrize("kind", [ValueType.TABLE, ValueType.LIST])
@pytest.mark.parametrize("request_", ROW_CASES)
def test_the_rows_that_fit_best_are_read_alone(request_, kind):
    done = draft(request_, {"tickets": kind})
    found = done.flow.node("best_rows")
    assert found.inputs == {"rows": "tickets"}
    assert use_of(done.flow, "retrieve.rows")["limit"] == 5
    (answer,) = (node for node in done.flow.nodes if node.capability == "answer")
    assert dict(answer.inputs) == {"tickets": "best_rows"}
    assert done.warnings == ()


def test_without_a_tool_for_rows_they_are_all_read():
    alone = draft(ROW_CASES[0], {"tickets": ValueType.LIST}, Retriever(folder=FOLDER))
    assert alone.flow == draft_flow(ROW_CASES[0], {"tickets": ValueType.LIST}).flow


@pytest.mark.parametrize(
    ("request_", "inputs"),
    [
        ("Which row has the highest price?", {"rows": ValueType.TABLE}),
        ("Compare the two rows in {a} and {b}: which is about cats?", {"a": ValueType.LIST, "b": ValueType.LIST}),
        ("Summarize my notes", None),
        ("Summarize the files in docs/", None),
        ("Write documentation for this function", None),
        ("Write unit tests for the code in the folder src", None),
        ("Search my notes for the date", {"documents": ValueType.TEXT}),
        ("Translate my document into German", None),
        ("Search the web for the population of Lima", None),
    ],
)
def test_other_requests_stay_as_they_were(request_, inputs):
    assert draft(request_, inputs) == draft_flow(request_, inputs)


def test_without_leave_the_draft_stays_and_says_what_would_help():
    request = CASES[0][0]
    withheld = draft(request, None, Retriever(folder=FOLDER, rows=ROWS, missing=("files",)))
    assert withheld.flow == draft_flow(request).flow
    (warning,) = withheld.warnings
    assert "retrieve.folder can look in them if you add --allow files" in warning


def test_where_words_alone_are_compared_the_draft_says_so():
    told = draft(CASES[0][0], None, Retriever(folder=FOLDER, words_alone="run: pip install more"))
    assert told.flow == draft(CASES[0][0]).flow
    assert told.warnings == (ENGLISH.say["warn.words"].format(how="run: pip install more"),)


def test_a_question_that_is_given_is_what_is_looked_up():
    flow = draft("Answer {question} from the files in docs/", {"question": ValueType.TEXT}).flow
    assert flow.node("passages").inputs == {"query": "question"}
    assert use_of(flow, "retrieve.folder") == {"path": "docs/", "limit": 3}
    answer = flow.node("answer")
    assert "{question}" in answer.work.prompt
    assert set(answer.inputs) == {"passages", "question"}


def test_what_follows_reads_the_answer_and_only_the_first_step_is_looked_up():
    flow = draft("Search the documents in docs/ for the refund policy and write a short reply to the customer").flow
    assert use_of(flow, "retrieve.folder")["query"] == "refund policy"
    assert "passages" not in flow.node("generate").inputs.values()


def test_other_deeds_read_the_passages_beside_what_they_do():
    flow = draft("Based on the docs folder, write a short welcome email for new users").flow
    text = flow.node("generate").work.prompt
    assert text.index("welcome email") < text.index(ENGLISH.say["files.use"]) < text.index("{passages}")
    asked = draft("Based on the docs folder, extract the names and dates").flow
    assert dict(asked.node("extract").inputs) == {"text": "passages"}
    assert asked.node("extract").work.prompt.count("{text}") == 1


def test_one_file_is_looked_up_alone():
    args = use_of(draft("Use the source in docs/guide.md to explain leave").flow, "retrieve.folder")
    assert (args["path"], args["pattern"]) == ("docs", "guide.md")


def test_a_step_that_searches_the_web_still_does():
    web = tool("web.search", "search", "query")
    request = "Search my notes for the city, then search the web for its mayor"
    flow = draft_flow(request, None, Searcher(info=web), BOTH).flow
    assert use_of(flow, "retrieve.folder")["path"] == "."


def test_names_that_are_taken_are_not_taken_again():
    flow = (
        Flow.build()
        .model("ask", "When?", capability="answer")
        .model("passages", "Sum {ask}", inputs={"ask": "ask"}, capability="summarize")
        .output("passages")
    )
    found = look_up(flow, Place("docs/", "When?"), FOLDER, ENGLISH, {})
    assert found.node("ask").inputs == {"passages_2": "passages_2"}


def test_a_query_of_nothing_but_notes_stays_whole():
    flow = Flow.build().model("ask", "Search", capability="retrieve").output("ask")
    found = look_up(flow, Place(".", "Search my notes"), FOLDER, ENGLISH, {})
    assert use_of(found, "retrieve.folder")["query"] == "my notes"


@pytest.mark.parametrize(
    ("request_", "inputs", "may"),
    [
        ("Search my notes for tea", {}, True),
        ("From out/tea/, who drinks it?", {}, True),
        ("Which are about tea?", {"rows": ValueType.LIST}, True),
        ("Which tea is best?", {"tea": ValueType.TEXT}, False),
        ("Write a poem about tea", {"rows": ValueType.LIST}, False),
    ],
)
def test_who_looks_up_is_asked_for_only_where_that_may_be_wanted(request_, inputs, may):
    assert may_look_up(request_, inputs) is may


@pytest.mark.parametrize(
    "request_",
    [
        "Busca el precio del oro de hoy",
        "Busca en internet los nombres de los ministros",
        "Cherche les prix de l'or aujourd'hui",
        "Suche den aktuellen Preis von Gold",
        "Suche im Internet nach den Namen der Minister",
        "Procure o preço do ouro hoje",
        "Pesquise na internet os nomes dos ministros",
    ],
)
def test_what_nobody_gave_is_searched_and_not_extracted(request_):
    assert [node.capability for node in draft_flow(request_).flow.nodes if node.capability] == ["search"]


@pytest.mark.parametrize(
    "request_", ["Busca los nombres en este texto", "Suche die Namen in diesem Text", "Procure os nomes neste texto"]
)
def test_what_is_to_be_found_in_a_text_is_extracted(request_):
    assert [node.capability for node in draft_flow(request_).flow.nodes if node.capability] == ["extract"]


PLACES = ["docs/", "./a", "docs/a.md", "“my/notes”", "{text}", ":", "?", "x/y.csv", "a/"]


def vocabulary(lexicon):
    patterns = (" ".join(each) for group in lexicon.groups.values() for found in group.values() for each in found)
    return sorted({pattern.replace("*", "") for pattern in patterns})


@given(
    words=st.sampled_from(LEXICONS).flatmap(
        lambda lexicon: st.lists(
            st.sampled_from(vocabulary(lexicon)) | st.sampled_from(PLACES), min_size=1, max_size=14
        )
    ),
    inputs=st.dictionaries(
        st.sampled_from(["text", "documents", "passages", "best_rows", "rows"]),
        st.sampled_from(list(ValueType)),
        max_size=3,
    ),
    missing=st.sampled_from([(), ("files",)]),
)
@example(words=["jede", "ordner", "{text}"], inputs={}, missing=())
@example(words=["answer", "from", "the", "folder"], inputs={}, missing=())
@settings(max_examples=100, deadline=None)
def test_any_words_give_a_flow_whether_or_not_they_name_a_place(words, inputs, missing):
    request = " ".join(words)
    done = draft(request, inputs, Retriever(folder=FOLDER, rows=ROWS, missing=missing, words_alone="install"))
    assert Flow.from_json(done.flow.to_json()) == done.flow
    assert set(inputs) <= {node.id for node in done.flow.inputs}
    assert {question.name for question in done.questions} <= {node.id for node in done.flow.inputs}
    assert may_look_up(request, inputs) or done.flow == draft_flow(request, inputs).flow
