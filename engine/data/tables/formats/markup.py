"""Tables in text with marks: web pages, which many programs call .xls, and Excel's XML of 2003."""

import re
from html.parser import HTMLParser

from engine.data.tables.column import TableError
from engine.data.tables.source import Source
from engine.data.tables.text import Text

MOST_MARKUP = 16 << 20
"""Bytes of such a file, which has to be read as a whole."""
MOST_SPAN = 100
"""Columns that one cell may go over."""
TABLES, ROWS, CELLS = {"table"}, {"tr", "row"}, {"td", "th", "cell"}
"""What tables, rows and cells are called in them."""


class Parser(HTMLParser):
    """Collects the tables of a page: each a list of rows of cells."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row, or a cell."""
        said = dict(attrs)
        if tag in TABLES:
            self.tables.append([])
        elif tag in ROWS and self.tables:
            self.tables[-1].append([])
        elif tag in CELLS and self.tables and self.tables[-1]:
            row = self.tables[-1][-1]
            index, span = said.get("ss:index") or "", said.get("colspan") or ""
            if index.isdecimal():  # where cells before it are empty
                row += [""] * min(MOST_SPAN, int(index) - 1 - len(row))
            row.append("")
            if span.isdecimal():
                row += [""] * min(MOST_SPAN, int(span) - 1)
            self.inside = True
        elif tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a cell."""
        if tag in CELLS:
            self.inside = False

    def handle_data(self, data: str) -> None:
        """Add to the cell that is open."""
        if self.inside and self.tables and self.tables[-1] and self.tables[-1][-1]:
            row = self.tables[-1][-1]
            row[-1] = f"{row[-1]}{data}"


def is_markup(text: Text) -> bool:
    """Tell whether a text is a page, or XML."""
    begin = text.open().read(2_000).lstrip().lower()
    return re.match(r"<(?:!doctype html|html|head|meta|table|\?xml|body|style)\b", begin) is not None


def tables_of(text: Text) -> Source:
    """Read the largest table of a page. Raises TableError where it has none."""
    if len(text.data) > MOST_MARKUP:
        raise TableError(f"a web page may have {MOST_MARKUP >> 20} MB; open it in a spreadsheet program and save it as CSV")
    parser = Parser()
    parser.feed(text.open().read())
    found = [[[" ".join(cell.split()) for cell in row] for row in table if row] for table in parser.tables]
    chosen = max(found, key=lambda rows: sum(map(len, rows)), default=[])
    if max(map(len, chosen), default=0) < 2:
        raise TableError("this is a web page or XML without a table of two columns; save the table as CSV")
    notes = [f"Of {len(found)} tables in the page the largest was read."] if len(found) > 1 else []
    rows = list(enumerate(chosen, 1))
    return Source(lambda: iter(rows), len(rows), "comma", text.encoding, notes=[*text.notes, *notes], said={"format": "page"})
