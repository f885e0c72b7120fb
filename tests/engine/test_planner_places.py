"""A folder that a request names is found, in every language, and what is asked is left."""

import pytest

from nubem_jupyter.engine.planner.places import find_place
from nubem_jupyter.engine.planner.words import LEXICONS

BY_CODE = {lexicon.code: lexicon for lexicon in LEXICONS}

READ = [
    ("en", "Answer from the files in docs/: how long are the backups kept?", "docs/", "how long are the backups kept?"),
    ("en", "Search the files in ./manual for the reset button", "./manual", "Search for the reset button"),
    ("en", "Look in the folder reports for the sales of May", "reports", "Look for the sales of May"),
    ("en", "Using the docs folder, explain how leave works", "docs", "explain how leave works"),
    ("en", "According to the files in `old notes/2024`, who won?", "old notes/2024", None),
    ("en", "What is mentioned in the documents in contracts/2024?", "contracts/2024", "What is mentioned?"),
    ("en", "Look in this folder for the licence", ".", "Look for the licence"),
    ("en", "Look in the folder “my plans” for the licence", "my plans", "Look for the licence"),
    ("es", "Responde a partir de los archivos de docs/: ¿cuánto se guardan?", "docs/", "¿cuánto se guardan?"),
    ("es", "Según los documentos de la carpeta manual, ¿cómo se reinicia?", "manual", "¿cómo se reinicia?"),
    ("es", "Busca en la carpeta informes las ventas de mayo", "informes", "Busca las ventas de mayo"),
    ("fr", "Réponds à partir des fichiers de docs/ : combien de temps ?", "docs/", "combien de temps ?"),
    ("fr", "D'après les fichiers du dossier manuel, comment faire ?", "manuel", "comment faire ?"),
    ("de", "Beantworte aus den Dateien in docs/: Wie lange?", "docs/", "Wie lange?"),
    ("de", "Durchsuche den Ordner handbuch nach der Garantie", "handbuch", "Durchsuche nach der Garantie"),
    ("pt", "Responda a partir dos arquivos em docs/: quem aprova?", "docs/", "quem aprova?"),
    ("pt", "Segundo os documentos da pasta manual, como se reinicia?", "manual", "como se reinicia?"),
]


@pytest.mark.parametrize(("code", "request_", "path", "rest"), READ)
def test_a_place_that_is_read_from_is_found(code, request_, path, rest):
    found = find_place(request_, BY_CODE[code])
    assert found is not None
    assert found.path == path
    assert rest is None or found.rest == rest


def test_one_text_file_is_a_place_too():
    found = find_place("Use the source in docs/guide.md to explain leave", BY_CODE["en"])
    assert (found.path, found.pattern) == ("docs", "guide.md")


@pytest.mark.parametrize(
    ("code", "request_"),
    [
        ("en", "Translate the files in docs/ into French"),
        ("en", "Summarize the files in docs/"),
        ("en", "Create files in docs/ with a list of ideas"),
        ("en", "Write a poem and save it in out/"),
        ("en", "Read data/sales.csv and sum the amounts"),
        ("en", "Find all bugs in src/main.py"),
        ("en", "Explain the difference between TCP and/or UDP"),
        ("en", "Fetch https://example.org/docs/ and tell me its title"),
        ("en", "Is 60 km/h faster than 20 m/s?"),
        ("en", "Which folder is best?"),
        ("en", "Answer from the files in docs/: " + "what about a/b? " * 200),
        ("en", "From docs/"),
        ("en", "Explain `from the files in docs/guide.md` to me"),
        ("es", "Traduce los archivos de docs/ al francés"),
        ("de", "Übersetze die Dateien in docs/ ins Englische"),
    ],
)
def test_what_is_no_place_to_read_from_is_none(code, request_):
    assert find_place(request_, BY_CODE[code]) is None
