"""The options of ``%orchestrate``, and what their values may be."""

from __future__ import annotations

from nubem_jupyter.core.capability import CAPABILITIES
from nubem_jupyter.core.component import PERMISSIONS
from nubem_jupyter.core.constraint import Preference, SecurityLevel
from nubem_jupyter.notebook.declare import Option, flag, option
from nubem_jupyter.session.options import decimal, whole

SCORERS = ("exact", "contains", "number", "json", "regex")
"""Written here too, so that loading the extension loads no scorer."""

ORCHESTRATE: tuple[Option, ...] = (
    option(
        "-i",
        dest="inputs",
        metavar="NAME[=EXPR]",
        action="append",
        default=[],
        help="give the flow a variable, or an expression under a name; repeatable ({NAME} in the text does it too)",
    ),
    option("-o", dest="output", metavar="NAME", help="put the result into this variable"),
    option("--max-cost", metavar="USD", help="ceiling for the whole run, in US dollars"),
    option("--max-latency", metavar="S", help="ceiling for the whole run, in seconds"),
    option("--min-quality", metavar="Q", help="least expected chance that every answer of the run is right, 0 to 1"),
    option(
        "--security",
        metavar="LEVEL",
        help=f"{', '.join(SecurityLevel)}: how strictly code is isolated; high also keeps data on this machine",
    ),
    flag("--local", help="use only models on this machine"),
    option("--region", metavar="R", help="use only models on this machine or that run in this region, such as eu"),
    option("--allow", metavar="PERMISSION", action="append", help="grant tools and code a permission"),
    option("--models", metavar="A,B", action="append", help="use only these models"),
    option("--prefer", metavar="WHAT", help=f"{', '.join(Preference)}: what to optimise inside the limits"),
    option("--require", metavar="FEATURE", action="append", help="a feature that every model must have"),
    option("--flow", metavar="NAME", help="run a flow that is saved or in a variable; the text is its one open input"),
    option("--save", metavar="NAME", help="save the flow under this name"),
    flag("--plan", help="plan, choose models and estimate; run nothing"),
    flag("--no-optimize", help="run the flow as it was drafted"),
    flag("--no-cache", help="ask anew where the answer of an equal call is at hand"),
    option(
        "--replay",
        metavar="RUN",
        help="give the answers of a run on record (its id, or last) again; no model is asked; with one %% and no text",
    ),
    option("--seed", metavar="N", type=whole("--seed"), help="seed of the sampling, for every model call"),
    option(
        "--temperature",
        metavar="T",
        type=decimal("--temperature"),
        help="0 takes the likeliest words; for every model call",
    ),
    flag("--quiet", help="show nothing and give no value; the result goes to -o"),
)
"""In the order in which help lists them."""

OPTIMIZE: tuple[Option, ...] = (
    option("flow", nargs="?", metavar="FLOW", help="a saved flow or a variable; default: the newest run's flow"),
    flag("--apply", help="write the result back to the saved flow or variable that was named"),
    option("--save", metavar="NAME", help="save the result under this name"),
)
"""In the order in which help lists them."""

EVALUATE: tuple[Option, ...] = (
    option("targets", nargs="*", metavar="TARGET", help="a saved flow, a variable, or a request in quotes"),
    option("--dataset", metavar="D", help="a file (CSV, JSON lines, YAML) or a variable; %%%%evaluate has it below"),
    option("--scorer", metavar="S", default="exact", help=f"{', '.join(SCORERS)}; default: exact"),
    option("--models", metavar="A,B", action="append", help="try each target on each of these models"),
    option("--repeat", metavar="K", type=whole("--repeat"), default=1, help="how often each case is run; default: 1"),
    option("--budget", metavar="USD", help="ceiling for the whole evaluation, in US dollars"),
    option("--capability", metavar="NAME", help="what the cases are about; results then count in later routing"),
)
"""In the order in which help lists them."""

NUBEM: tuple[Option, ...] = (
    option("command", nargs="?", metavar="COMMAND", default="status", help="what to show; default: status"),
    option(
        "names",
        nargs="*",
        metavar="NAME",
        help="for run: a run's id, or resume and an id; for why: a step, and a run's id; "
        "for what-if, front: a run's id; for models: parts of names, patterns, "
        "refresh; for components: words, refresh",
    ),
    option(
        "--limit",
        metavar="N",
        type=whole("--limit"),
        help="for runs: how many (50); for models and components: how many (200)",
    ),
    flag("--all", help="for models and components: those that cannot be used yet, too"),
    option("--provider", metavar="P", action="append", default=[], help="for models: only what it serves"),
    option("--require", metavar="A,B", action="append", default=[], help="for models: features that they must have"),
    option(
        "--max-price",
        metavar="USD",
        type=decimal("--max-price"),
        help="for models: what a million tokens, given or generated, cost at most",
    ),
    flag("--diff", help="for models and components: what has changed lately, and when"),
    flag("--live", help="for models and components: a list that follows what changes, until the next such list"),
    option(
        "--allow",
        metavar="PERMISSION",
        action="append",
        default=[],
        help="for components refresh: let MCP servers be started (code) or reached (network)",
    ),
    flag("--clear", help="for cache: forget everything that is kept"),
    option("-o", dest="output", metavar="NAME", help="for run resume: put the result into this variable"),
    option(
        "--max-cost",
        metavar="USD",
        help="for run resume, what-if, front: another ceiling for the whole run, in US dollars",
    ),
    option(
        "--max-latency",
        metavar="S",
        help="for run resume: a new ceiling for what is left, in seconds; for what-if, front: for the whole run",
    ),
    option("--min-quality", metavar="Q", help="for what-if, front: another floor for the whole run, 0 to 1"),
    option("--prefer", metavar="WHAT", help=f"for what-if: {', '.join(Preference)}"),
    flag("--no-cache", help="for run resume: ask anew where an equal call's answer is at hand"),
)
"""In the order in which help lists them."""

OF_LISTS = {
    "models": ("--all", "--provider", "--require", "--max-price", "--diff", "--live"),
    "components": ("--all", "--diff", "--live", "--allow"),
    "what-if": ("--min-quality", "--prefer"),
    "front": ("--min-quality",),
}
"""Command of ``%nubem`` -> the options that only such listings take."""

VALUES: dict[str, tuple[str, ...]] = {
    "--security": tuple(level.value for level in SecurityLevel),
    "--prefer": tuple(preference.value for preference in Preference),
    "--scorer": SCORERS,
    "--capability": tuple(CAPABILITIES),
    "--allow": PERMISSIONS,
}
"""Option -> the words that it takes, where they are known beforehand."""
