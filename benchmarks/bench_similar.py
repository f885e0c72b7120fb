"""How often the method behind ``similar`` finds a paraphrase again, and how often it takes something else for one.

It measures the method, and only on pairs that this file makes by rules in seven languages: paraphrases (politeness,
another word order or function word, a slip of the pen, case and punctuation) and near-misses (another number, unit,
name, day; a negation; another noun or verb; words that change places). How often *answers* are wrong depends on the
task, and is measured for each node where it runs: see ``%nubem cache``. Intervals are Wilson's, of 95 %.

Goal: no near-miss of those that the guards are made for is taken for the same, however little likeness is asked for.

    python benchmarks/bench_similar.py
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nubem_jupyter.engine.false_hits import counted
from nubem_jupyter.engine.nearest import Nearest
from nubem_jupyter.engine.similarity import Signature, signature, similarity

THRESHOLDS = (0.7, 0.8, 0.85, 0.9, 0.95, 1.0)
CALLS = 10_000


class Language(NamedTuple):
    """Sentences with what may be said otherwise, and what may not."""

    sentences: Sequence[str]
    """``{n}`` a number, ``{u}`` its unit, ``{who}`` a name, ``{day}``; ``{a|b}`` words that mean the same here."""
    units: Sequence[str]
    names: Sequence[str]
    days: Sequence[str]
    negations: Sequence[tuple[str, str]]
    """What is said, and the same denied."""
    swaps: Sequence[tuple[str, str]]
    """Nouns and verbs that ask something else, with no mark to tell them apart."""
    polite: str
    """A word of politeness that may follow."""


LANGUAGES = {
    "English": Language(
        (
            "the package for {who} with {n} {u} of flour is {late|delayed}, and I want to return it {day}",
            "{who} can pay for {n} {u} of sugar by card, and {we|they} will send it on {day} {by|with} the post",
            "is it true that {who} will return the {n} {u} of rice {which|that} I have ordered on {day}",
        ),
        ("kg", "pounds", "litres"), ("Paula", "Martin", "Lagos"), ("monday", "friday", "tuesday"),
        ((" is ", " is not "), (" will ", " won't "), (" can ", " cannot ")),
        (("return", "repair"), ("package", "invoice"), ("pay", "wait")), "please",
    ),
    "Spanish": Language(
        (
            "el paquete de {who} con {n} {u} de harina llega {tarde|retrasado} y quiero devolverlo el {day}",
            "{who} quiere pagar {n} {u} de azúcar con tarjeta y recibirlo el {day} {por|en el} correo",
        ),
        ("kilos", "libras", "litros"), ("Paula", "Martín", "Lagos"), ("lunes", "viernes", "martes"),
        ((" llega ", " no llega "), (" quiere ", " nunca quiere ")),
        (("paquete", "recibo"), ("pagar", "ver"), ("harina", "arena")), "por favor",
    ),
    "French": Language(
        (
            "le colis de {who} avec {n} {u} de farine arrive {tard|en retard} et je veux le rendre {day}",
            "{who} veut payer {n} {u} de sucre par carte et {le|les} recevoir {day} par la poste",
        ),
        ("kilos", "livres", "litres"), ("Paula", "Martin", "Lagos"), ("lundi", "vendredi", "mardi"),
        ((" arrive ", " n'arrive pas "), (" veut ", " ne veut pas ")),
        (("colis", "reçu"), ("rendre", "garder"), ("payer", "voir")), "merci",
    ),
    "German": Language(
        (
            "das Paket für {who} mit {n} {u} Mehl kommt {spät|verspätet} an, und ich will es am {day} umtauschen",
            "{who} kann {n} {u} Zucker mit der Karte bezahlen und {am|schon am} {day} bekommen",
        ),
        ("Kilo", "Pfund", "Liter"), ("Paula", "Martin", "Lagos"), ("Montag", "Freitag", "Dienstag"),
        ((" kommt ", " kommt nicht "), (" kann ", " kann nie ")),
        (("umtauschen", "behalten"), ("bezahlen", "ansehen"), ("bekommen", "verkaufen")), "bitte",
    ),
    "Portuguese": Language(
        (
            "o pacote de {who} com {n} {u} de farinha chega {tarde|atrasado} e quero devolver na {day}",
            "{who} quer pagar {n} {u} de açúcar com cartão e receber na {day} {pelo|por} correio",
        ),
        ("quilos", "libras", "litros"), ("Paula", "Martim", "Lagos"),
        ("segunda-feira", "sexta-feira", "terça-feira"), ((" chega ", " não chega "), (" quer ", " nunca quer ")),
        (("pacote", "recibo"), ("pagar", "ver"), ("devolver", "guardar")), "por favor",
    ),
    "Chinese": Language(
        (
            "给{who}的包裹里有{n}{u}面粉，{送得晚了|来得晚了}，我想在星期{day}退货",
            "{who}想用卡付{n}{u}糖的钱，星期{day}{能收到吗|可以收到吗}",
        ),
        ("公斤", "磅", "升"), ("王芳", "李明", "张伟"), ("一", "五", "二"), (("想", "不想"),),
        (("退货", "换货"), ("付", "看"), ("包裹", "发票")), "谢谢",
    ),
    "Arabic": Language(
        (
            "وصل طرد {who} مع {n} {u} من الطحين {متأخرا|متأخر} وأريد إرجاعه يوم {day}",
            "هل {who} يريد دفع {n} {u} من السكر بالبطاقة {واستلامه|ويستلمه} يوم {day}",
        ),
        ("كيلو", "رطل", "لتر"), ("باولا", "مارتن", "لاغوس"), ("الاثنين", "الجمعة", "الثلاثاء"),
        (("وأريد", "ولا أريد"), ("يريد", "لا يريد")), (("طرد", "فاتورة"), ("دفع", "رؤية"), ("إرجاعه", "بيعه")), "شكرا",
    ),
}  # fmt: skip


class Pair(NamedTuple):
    """Two texts."""

    kind: str
    """What was done to the first."""
    same: bool
    """Whether they ask the same."""
    first: str
    second: str


def pairs(rng: random.Random) -> Iterator[Pair]:
    """Make all pairs."""
    for name, language in LANGUAGES.items():
        for sentence in language.sentences:
            for number in range(2, 40, 3):
                yield from _of(name, language, sentence, number, rng)


def _of(name: str, language: Language, sentence: str, number: int, rng: random.Random) -> Iterator[Pair]:
    chosen = {
        "n": str(number), "u": rng.choice(language.units), "who": rng.choice(language.names),
        "day": rng.choice(language.days),
    }  # fmt: skip
    plain = _filled(sentence, chosen, 0)
    yield Pair("case and punctuation", True, plain, plain.replace(",", "").replace("，", "") + " .")
    yield Pair("function word", True, plain, _filled(sentence, chosen, 1))
    yield Pair("politeness", True, plain, f"{plain}{'' if name == 'Chinese' else ' '}{language.polite}")
    yield Pair("slip of the pen", True, plain, _slip(plain, chosen, rng))
    yield Pair("other number", False, plain, _filled(sentence, chosen | {"n": str(number + 1)}, 0))
    for field, kind, others in (
        ("u", "other unit", language.units), ("who", "other name", language.names), ("day", "other day", language.days),
    ):  # fmt: skip
        label = f"{kind}, no capitals" if field == "who" and name in ("Chinese", "Arabic") else kind
        for other in others:
            if other != chosen[field]:
                yield Pair(label, False, plain, _filled(sentence, chosen | {field: other}, 0))
    for said, denied in language.negations:
        if said in plain:
            yield Pair("negation", False, plain, plain.replace(said, denied, 1))
    for word, other in language.swaps:
        if word in plain:
            yield Pair("other noun or verb", False, plain, plain.replace(word, other))


def _filled(sentence: str, chosen: dict[str, str], version: int) -> str:
    text = sentence
    for field, value in chosen.items():
        text = text.replace(f"{{{field}}}", value)
    while "{" in text:
        before, _, rest = text.partition("{")
        choice, _, after = rest.partition("}")
        text = before + choice.split("|")[version] + after
    return text


def _slip(text: str, chosen: dict[str, str], rng: random.Random) -> str:
    """Change two letters' places, in no word that was filled in."""
    words = text.split(" ")
    long = [at for at, word in enumerate(words) if len(word) > 4 and not set(chosen.values()) & {word.strip(",，")}]
    at = rng.choice(long or [0])
    place = rng.randrange(1, max(len(words[at]) - 2, 2))
    word = words[at]
    words[at] = word[:place] + word[place + 1 : place + 2] + word[place : place + 1] + word[place + 2 :]
    return " ".join(words)


def share(found: int, total: int) -> str:
    """Write a share with its interval."""
    rate = counted(total, found).rate
    return f"{100 * rate.value:5.1f} ({100 * rate.low:.1f}–{100 * rate.high:.1f})"


def print_rates(scored: Sequence[tuple[Pair, float]]) -> bool:
    """Print hit and false-hit rates by kind and threshold; tell whether the goal is met."""
    kinds = dict.fromkeys((pair.kind, pair.same) for pair, _ in scored)
    print(f"{'share found alike, %, at least':<36}{'pairs':>6}" + "".join(f"{least:>20}" for least in THRESHOLDS))
    for same in (True, False):
        title = "all paraphrases: hit rate" if same else "all near-misses: false-hit rate"
        for kind, wanted in [*((kind, [kind]) for kind, is_same in kinds if is_same is same), (title, None)]:
            values = [s for pair, s in scored if pair.same is same and (wanted is None or pair.kind in wanted)]
            cells = (share(sum(s >= least for s in values), len(values)) for least in THRESHOLDS)
            print(f"{kind:<36}{len(values):>6}" + "".join(f"{cell:>20}" for cell in cells))
    guarded = {"other number", "other unit", "other name", "other day", "negation"}
    return not any(s >= THRESHOLDS[0] for pair, s in scored if pair.kind in guarded)


def print_times(rng: random.Random) -> None:
    """Print what signing one text takes, and finding one among many at worst: all have the same marks."""
    texts = [_filled(LANGUAGES["English"].sentences[0], {"n": "2", "u": "kg", "who": str(n), "day": ""}, 0)
             for n in range(200)]  # fmt: skip
    began_s = time.perf_counter()
    for text in texts:
        signature(text)
    each_s = (time.perf_counter() - began_s) / len(texts)
    calls = Nearest(CALLS)
    for number in range(CALLS):
        calls.put(Signature(b"", rng.getrandbits(1024)), str(number))
    wanted = Signature(b"", rng.getrandbits(1024))
    began_s = time.perf_counter()
    calls.find(wanted, THRESHOLDS[0])
    print(f"\na signature takes {each_s * 1e3:.2f} ms, finding one of {CALLS:,} "
          f"{(time.perf_counter() - began_s) * 1e3:.1f} ms")  # fmt: skip


def main() -> None:
    """Print both."""
    rng = random.Random(1)
    scored = []
    for pair in pairs(rng):
        first, second = signature(pair.first), signature(pair.second)
        assert first is not None
        assert second is not None
        scored.append((pair, similarity(first, second)))
    kept = print_rates(scored)
    print_times(rng)
    print(f"no guarded near-miss is found alike: {'yes' if kept else 'NO'} (goal: yes)")


if __name__ == "__main__":
    main()
