"""The flow: a typed graph of model calls, tools and code."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from nubem_jupyter.core import check, wire
from nubem_jupyter.core.builder import FlowBuilder
from nubem_jupyter.core.by_name import ByName
from nubem_jupyter.core.condition import Condition
from nubem_jupyter.core.digest import digest, encode
from nubem_jupyter.core.dot import to_dot
from nubem_jupyter.core.frozen import freeze_fields, settle
from nubem_jupyter.core.graph import topological_order
from nubem_jupyter.core.ids import NodeId
from nubem_jupyter.core.value import ValueType
from nubem_jupyter.core.work import Code, Component, Input, Join, NodeKind, Output, Prompt, Work
from nubem_jupyter.errors import FlowError

if TYPE_CHECKING:
    import networkx


class Map(Work, frozen=True, kw_only=True, tag="map"):
    """A flow run once for each item of a list; gives the list of its results, in order."""

    body: Flow
    """What is done for one item."""
    over: str = "items"
    """Name of the input that holds the list."""
    item: str = "item"
    """Name of the body's input that receives one item; the node's other inputs reach the body by their own names."""
    keep_errors: bool = False
    """Whether an item that fails leaves null in its place and the others go on; the record says which and why. An item
    that is null stays null, and a map all of whose items fail has failed."""

    @property
    def uses(self) -> tuple[str, ...]:
        """The list."""
        return (self.over,)

    @property
    def gives(self) -> ValueType:
        """A list."""
        return ValueType.LIST


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way a branch can go."""

    when: Condition
    """The check on the value that the branch looks at."""
    body: Flow
    """What is done when it holds."""


class Branch(Work, frozen=True, kw_only=True, tag="branch"):
    """One of several flows, chosen by a result; gives that flow's result.

    Raises:
        FlowError: there is no case.
    """

    on: str = "value"
    """Name of the input that the cases look at; all inputs reach the chosen body by their names."""
    cases: tuple[Case, ...]
    """Tried in order; the first whose check holds is taken."""
    otherwise: Flow | None = None
    """Taken when no check holds; None then gives nothing (null)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        msgspec.structs.force_setattr(self, "cases", tuple(self.cases))
        if not self.cases:
            raise FlowError("a branch needs at least one case", hint="add a case, or leave the branch out")

    @property
    def uses(self) -> tuple[str, ...]:
        """The value looked at."""
        return (self.on,)


class Loop(Work, frozen=True, kw_only=True, tag="loop"):
    """A flow run again until a check on its result passes, at most ``max_rounds`` times; gives the last result.

    Raises:
        FlowError: ``max_rounds`` is below 1.
    """

    body: Flow
    """What is done in one round."""
    until: Condition
    """The check that ends the loop."""
    max_rounds: int = 3
    """Bound of the rounds."""
    carry: str = "previous"
    """Name of the body's input that receives the last round's result; in the first round the node's own input of
    that name, or nothing (null)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.max_rounds < 1:
            raise FlowError(f"a loop of {self.max_rounds} rounds does nothing", hint="give max_rounds of 1 or more")


class Node(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, metaclass=ByName):
    """One step of a flow.

    Raises:
        FlowError: the deadline is not a time.
    """

    id: NodeId
    """Unique within the flow: letters, digits, ``_`` and ``-``, starting with a letter."""
    capability: str = ""
    """What the step is for (``core.capability``); map, branch and loop carry their body's; input and output none."""
    inputs: Mapping[str, str] = {}
    """Input name -> where it comes from: ``node`` or ``node.path.into.its.value``; the order counts for a join and an
    output, and is by name for the others."""
    work: Input | Output | Prompt | Component | Code | Join | Map | Branch | Loop
    """What it does."""
    label: str = ""
    """A few words for the picture; empty shows the id."""
    optional: bool = False
    """Whether the run goes on without it when it fails; its readers then get null."""
    timeout_s: float | None = None
    """Deadline of one try, in seconds; None leaves only the run's."""

    def __post_init__(self) -> None:
        settle(self)
        if not isinstance(self.work, Join | Output):
            msgspec.structs.force_setattr(self, "inputs", dict(sorted(self.inputs.items())))
        freeze_fields(self, "inputs")
        if self.timeout_s is not None:
            self._check_timeout(self.timeout_s)

    def _check_timeout(self, timeout_s: float) -> None:
        if not 0 < timeout_s < math.inf:
            raise FlowError(
                f"timeout_s of node '{self.id}' is {timeout_s}, which is not a time",
                hint="give seconds above 0, or leave it out for no deadline of its own",
            )
        msgspec.structs.force_setattr(self, "timeout_s", float(timeout_s))

    @property
    def kind(self) -> NodeKind:
        """The kind of work."""
        return NodeKind(str(self.work.__struct_config__.tag))

    @property
    def prompt(self) -> str | None:
        """The prompt's template, for a model call."""
        return self.work.prompt if isinstance(self.work, Prompt) else None

    @property
    def code(self) -> str | None:
        """The program, for a code node that holds one."""
        return self.work.source if isinstance(self.work, Code) else None

    @property
    def component(self) -> str | None:
        """The component's name, for a tool."""
        return self.work.name if isinstance(self.work, Component) else None

    @property
    def bodies(self) -> tuple[tuple[str, Flow], ...]:
        """The flows inside this node, each with a name that is unique among them."""
        match self.work:
            case Map(body=body) | Loop(body=body):
                return (("body", body),)
            case Branch(cases=cases, otherwise=otherwise):
                named = tuple((f"case{index}", case.body) for index, case in enumerate(cases, 1))
                return (*named, ("otherwise", otherwise)) if otherwise else named
            case _:
                return ()


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """One value on its way: derived from the reader's inputs, which are the one place where it is said."""

    source: NodeId
    """Where the value comes from."""
    target: NodeId
    """Who reads it."""
    name: str
    """The reader's name for it."""
    path: str = ""
    """Which part of the value, dotted; empty is all of it."""


@wire.stored("nubem.flow", 1)
class Flow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, metaclass=ByName):
    """A typed graph of steps with one output; equal by content, whatever the order its nodes were given in.

    Raises:
        DuplicateNodeError: two nodes share an id.
        DanglingInputError: an input, a placeholder or a body's input has no source.
        CycleError: the edges form a cycle.
        UnknownCapabilityError: a node asks for a capability that nobody defines.
        ValueTypeError: a map runs over what is not a list.
        FlowError: an id is malformed, or there is not exactly one output.
    """

    name: str = "flow"
    """A short name, for pictures and files."""
    nodes: tuple[Node, ...]
    """The steps, in an order in which they could run one by one."""

    def __post_init__(self) -> None:
        settle(self)
        check.check_ids(self.nodes)
        check.check_sources(self.nodes)
        order = topological_order({node.id: check.sources_of(node) for node in self.nodes})
        by_id = {node.id: node for node in self.nodes}
        msgspec.structs.force_setattr(self, "nodes", tuple(by_id[NodeId(name)] for name in order))
        check.check_nodes(self.nodes)

    def __eq__(self, other: object) -> bool:
        """Compare what would be stored: 1 is not 1.0 or true, and a join's inputs have an order."""
        return encode(self) == encode(other) if isinstance(other, Flow) else NotImplemented

    def __hash__(self) -> int:
        """Hash by content, as equality compares."""
        return hash(encode(self))

    @property
    def digest(self) -> str:
        """SHA-256 of the content: the flow's name everywhere outside this process."""
        return digest(self)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Every value's way from node to node."""
        return tuple(
            Edge(
                source=NodeId(source.partition(".")[0]),
                target=node.id,
                name=name,
                path=source.partition(".")[2],
            )
            for node in self.nodes
            for name, source in node.inputs.items()
        )

    @property
    def output(self) -> Node:
        """The output node."""
        return next(node for node in self.nodes if isinstance(node.work, Output))

    @property
    def inputs(self) -> tuple[Node, ...]:
        """The input nodes."""
        return tuple(node for node in self.nodes if isinstance(node.work, Input))

    def node(self, name: str) -> Node:
        """Return the node of this id.

        Raises:
            FlowError: there is none.
        """
        for node in self.nodes:
            if node.id == name:
                return node
        raise FlowError(
            f"flow '{self.name}' has no node '{name}'", hint=f"it has: {' '.join(n.id for n in self.nodes)}"
        )

    def walk(self, prefix: str = "") -> Iterator[tuple[str, Node]]:
        """Yield every node with its place, those inside maps, branches and loops too: ``map/body/translate``."""
        for node in self.nodes:
            yield prefix + node.id, node
            for name, body in node.bodies:
                yield from body.walk(f"{prefix}{node.id}/{name}/")

    def to_networkx(self) -> networkx.MultiDiGraph[str]:
        """Return the graph; nodes carry ``node``, edges ``name`` and ``path``."""
        import networkx as nx  # imported late: it takes longer than all of this package

        graph: networkx.MultiDiGraph[str] = nx.MultiDiGraph(name=self.name)
        for node in self.nodes:
            graph.add_node(node.id, node=node)
        for edge in self.edges:
            graph.add_edge(edge.source, edge.target, key=edge.name, name=edge.name, path=edge.path)
        return graph

    def to_dot(self) -> str:
        """Return the picture in Graphviz's language."""
        return to_dot(self)

    def to_json(self) -> str:
        """Return the versioned JSON form; equal flows give equal text."""
        return wire.dump(self)

    @classmethod
    def from_json(cls, text: str | bytes) -> Flow:
        """Read what ``to_json`` wrote, of this version or an older one.

        Raises:
            FormatError: the text is damaged, not a flow, or of a newer version.
            FlowError: the flow cannot mean anything; see the class.
        """
        return wire.load(text, cls)

    @staticmethod
    def build(name: str = "flow") -> FlowBuilder[Flow]:
        """Start a flow written by hand; see ``FlowBuilder``."""
        return FlowBuilder(name, Flow)
