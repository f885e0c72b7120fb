"""Words about where data may stay that are no limit: places that no phrase names, and what a text is to say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nubem_jupyter.engine.planner.lexicon import Lexicon
from nubem_jupyter.engine.planner.tokens import Token

# They stand outside of the lexicons, so that no misspelt word is read as the name of a country.
_MATTER = re.compile(
    r"\b(?:data|information|everything|texts?|files?|documents?|records|it|this|them|these|models?|servers?|"
    r"providers?|datos|informacion|todo|textos?|archivos|documentos?|modelos?|servidor\w*|daten|alles|dateien|"
    r"dokumente?|modelle?n?|donnees|tout|textes?|fichiers|modeles?|serveurs?|dados|tudo|informacoes|arquivos|"
    r"mantenlo\w*|guardalo\w*|procesalo\w*)\b"
)
_STAYS = re.compile(
    r"\b(?:keep|keeps|kept|stay|stays|staying|remain|remains|process|processed|stored?|host|hosted|leave|leaves|"
    r"leaving|use only|only use|only models|manten\w*|guard[ae]\w*|qued[ae]\w*|permane[cz]\w*|proces\w*|salir|salgan|"
    r"salen|usa solo|solo modelos|bleib\w*|behalt\w*|halten|verarbeite\w*|gespeichert|verlassen|nutze nur|nur modelle|"
    r"reste|restent|rester|garde[rz]?|trait\w*|conserv\w*|quitter|sortir|utilise uniquement|ficar|ficam|fiquem|"
    r"mantenha\w*|mante[mr]|sair|saiam|use apenas|apenas modelos)\b"
)
_PLACE = re.compile(
    r"\b(?:eu|e\.u|ue|eea|european union|union europea|europaische[nr]? union|union europeenne|uniao europeia|europe|"
    r"europa|eurozone|the us|usa|eeuu|united states|estados unidos|etats unis|vereinigten staaten|uk|u\.k|"
    r"united kingdom|reino unido|royaume uni|vereinigte[ns]? konigreich|great britain|grossbritannien|switzerland|"
    r"suiza|schweiz|suisse|suica|germany|alemania|deutschland|allemagne|alemanha|france|francia|frankreich|franca|"
    r"spain|espana|spanien|espagne|espanha|italy|italia|italien|italie|portugal|ireland|irlanda|irland|irlande|"
    r"netherlands|paises bajos|niederlande\w*|pays bas|belgium|belgica|belgien|belgique|austria|osterreich|autriche|"
    r"sweden|suecia|schweden|suede|norway|noruega|norwegen|norvege|denmark|dinamarca|danemark|finland|finlandia|"
    r"finnland|finlande|poland|polonia|polen|pologne|canada|kanada|brazil|brasil|brasilien|bresil|mexico|mexiko|"
    r"mexique|argentina|chile|colombia|japan|japon|japao|india|indien|inde|china|singapore|singapur|singapour|"
    r"australia|australien|australie|korea|corea|israel)\b"
)
_TELLS = re.compile(
    r"\b(?:(?:says|saying|states|stating)\b|"
    r"(?:say|requir\w+|explain\w*|dig[ao]\w*|dice\w*|exij\w+|expliqu\w*|indiqu\w*|diz\w*|besag\w*|sag\w+|verlang\w*|"
    r"erklar\w*|dit|dise\w*|disant|exig\w+)(?: [,:])? (?:that|que|qu'|dass)(?= |$))[^,]*$"
)
"""What opens a told sentence; it ends at the next comma."""
_SENTENCE_END = frozenset(".;!?\n")
_CLAUSE_END = _SENTENCE_END | {",", ":"}


def is_told(words: Sequence[Token], end: int, lexicon: Lexicon) -> bool:
    """Tell whether the words that end here are within what a text that is to be written shall say."""
    begin = next((place for place in range(end, 0, -1) if words[place - 1].word in _SENTENCE_END), 0)
    said = words[begin:end]
    return lexicon.has("write make generate", said) and bool(_TELLS.search(" ".join(word.word for word in said)))


def places_named(text: str, words: Sequence[Token]) -> Iterator[str]:
    """Yield each part of a sentence that seems to say in which place data has to stay."""
    begin = 0
    for at in range(len(words) + 1):
        if at < len(words) and words[at].word not in _CLAUSE_END:
            continue
        folded = " ".join(word.word for word in words[begin:at])
        if _PLACE.search(folded) and _STAYS.search(folded) and _MATTER.search(folded):
            yield text[words[begin].start : words[at - 1].end]
        begin = at + 1
