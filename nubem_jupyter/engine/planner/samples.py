"""Sentences in several languages that mean the same: worked examples for translation, each entry in one order."""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, ...]] = {
    "en": ("The house is very big.", "We arrived late, but the food was good."),
    "es": ("La casa es muy grande.", "Llegamos tarde, pero la comida era buena."),
    "fr": ("La maison est très grande.", "Nous sommes arrivés en retard, mais le repas était bon."),
    "de": ("Das Haus ist sehr groß.", "Wir kamen spät an, aber das Essen war gut."),
    "pt": ("A casa é muito grande.", "Chegamos tarde, mas a comida estava boa."),
    "it": ("La casa è molto grande.", "Siamo arrivati tardi, ma il cibo era buono."),
}
