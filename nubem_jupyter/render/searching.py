"""The search field above a long table: a script makes it, so that where scripts are stripped nothing is missing."""

from __future__ import annotations

from html import escape

_SCRIPT = """<script>(function () {
  var here = document.currentScript, root = here ? here.getRootNode() : document;
  root.querySelectorAll("[data-nubem-search]:not([data-nubem-ready])").forEach(function (box) {
    box.setAttribute("data-nubem-ready", "");
    var rows = Array.from(box.querySelectorAll("tbody tr"));
    var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
    var field = document.createElement("input"), told = document.createElement("span");
    field.type = "search";
    field.placeholder = "filter these rows";
    field.setAttribute("aria-label", box.getAttribute("data-nubem-search"));
    field.style.cssText = "font:inherit;color:inherit;background:transparent;border:1px solid #888;" +
      "border-radius:3px;padding:0.2em 0.5em;margin:0.3em 0.8em 0.3em 0;width:20em;max-width:100%";
    told.setAttribute("role", "status");
    told.style.opacity = "0.75";
    function look() {
      var words = field.value.toLowerCase().split(/\\s+/).filter(Boolean), shown = 0;
      rows.forEach(function (row, place) {
        var fits = words.every(function (word) { return texts[place].indexOf(word) >= 0; });
        row.style.display = fits ? "" : "none";
        shown += fits ? 1 : 0;
      });
      told.textContent = (words.length ? shown + " of " : "") + rows.length + " rows";
    }
    field.addEventListener("input", look);
    // A notebook would take the letters for commands to its cells.
    field.addEventListener("keydown", function (event) { event.stopPropagation(); });
    look();
    box.prepend(field, told);
  });
})();</script>"""


def searchable(table: str, about: str) -> str:
    """Put a search field above a table in HTML; ``about`` is what a screen reader calls the table's rows."""
    return f'<div data-nubem-search="Filter {escape(about)}">{table}{_SCRIPT}</div>'
