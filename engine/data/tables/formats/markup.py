"""Tables in text with marks: web pages, which many programs call .xls, and Excel's XML of 2003."""

import re
from html.parser import HTMLParser

from engine.data.tables.column import TableError
from engine.data.tables.source import Source
from engine.data.tables.text import Text

MOST_MARKUP = 16 << 20
"""Bytes of such a file, which has to be read as a whole."""
PIECE = 1 << 16
"""Characters between two questions whether reading goes on."""
MOST_IN_PAGE = 5_000_000
"""Cells that the tables of a page may have, a cell that goes over several counted as so many."""
MOST_SPAN = 100
"""Columns that one cell may go over."""
ASIDE = ("sup", "style", "script")
"""Marks whose text is none of a cell's, but where it is no footnote."""
TABLES, ROWS, CELLS = {"table"}, {"tr", "row"}, {"td", "th", "cell"}
"""What tables, rows and cells are called in them."""
PARTS = TABLES | ROWS | CELLS


class Parser(HTMLParser):
    """Collects the tables of a page: each a list of rows of cells. A cell that goes over several rows stands in each."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.open: list[int] = []
        """The tables that are open, one within the other."""
        self.inside, self.place, self.cells = False, 0, 0
        self.aside = ""
        """The mark that is open whose text is none of a cell's."""
        self.note = ""
        """What stands raised above the line, as a footnote does."""
        self.below: dict[int, tuple[int, list[str], int]] = {}
        """By column: how many more rows a cell goes over, the row it begins in, and its place there."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row, or a cell."""
        said = dict(attrs)
        if tag in PARTS:
            self.go_back()
        if tag in TABLES:
            self.tables.append([])
            self.open.append(len(self.tables) - 1)
            self.below = {}
            self.inside = False
        elif tag in ROWS and self.open:
            self.fill()  # the row before, whose last cell may have no end
            self.tables[self.open[-1]].append([])
            self.inside = False
        elif tag in CELLS and (row := self.row) is not None:
            self.fill()
            index, span, rows = (said.get(name) or "" for name in ("ss:index", "colspan", "rowspan"))
            if index.isdecimal():  # where cells before it are empty
                row += [""] * min(MOST_SPAN, int(index) - 1 - len(row))
            self.place = len(row)
            row.append("")
            if span.isdecimal():
                row += [""] * min(MOST_SPAN, int(span) - 1)
            if rows.isdecimal() and int(rows) > 1:
                self.below |= {k: (min(MOST_SPAN, int(rows)), row, k) for k in range(self.place, len(row))}
            self.inside = True
            self.count(len(row) - self.place)
        elif tag in ASIDE:
            self.aside, self.note = tag, ""
        elif tag == "br":
            self.handle_data(" ")

    @property
    def row(self) -> list[str] | None:
        """The row that is open."""
        return self.tables[self.open[-1]][-1] if self.open and self.tables[self.open[-1]] else None

    def fill(self) -> None:
        """Put in what goes on from rows above, as far as no cell of the row itself comes before it."""
        row = self.row
        while row is not None and (going := self.below.get(len(row))) and going[1] is not row:
            left, first, place = going
            if left < 2:
                del self.below[len(row)]
                break
            self.below[len(row)] = (left - 1, first, place)
            row.append(first[place])
            self.count(1)

    def count(self, cells: int) -> None:
        """Count cells. Raises TableError where they are more than MOST_IN_PAGE."""
        self.cells += cells
        if self.cells > MOST_IN_PAGE:
            raise TableError(
                f"the tables of a page may have {MOST_IN_PAGE:,} cells, and these have more; save the table as CSV"
            )

    def go_back(self) -> None:
        """End what is none of a cell's, also where its own end is missing."""
        note, self.aside, self.note = self.note, "", ""
        if note and note.strip()[:1] != "[":  # as in km², and not as in [1]
            self.handle_data(note)

    def handle_endtag(self, tag: str) -> None:
        """End a table, a cell, or what is none of it."""
        if tag in PARTS or tag == self.aside:
            self.go_back()
        if tag in TABLES and self.open:
            self.open.pop()
            self.below = {}
            self.inside = False  # the place was one of the inner table's row
        if tag in CELLS:
            self.inside = False
            self.fill()

    def handle_data(self, data: str) -> None:
        """Add to the cell that is open."""
        if self.aside:
            self.note += data if self.aside == "sup" else ""
        elif self.inside and (row := self.row):
            row[self.place] += data


def is_markup(text: Text) -> bool:
    """Tell whether a text is a page, or XML."""
    begin = text.open().read(2_000).lstrip().lower()
    return re.match(r"<(?:!doctype html|html|head|meta|table|\?xml|body|style)\b", begin) is not None


def tables_of(text: Text) -> Source:
    """Read the largest table of a page. Raises TableError where it has none."""
    if len(text.data) > MOST_MARKUP:
        raise TableError(f"a web page may have {MOST_MARKUP >> 20} MB; open it in a spreadsheet program and save it as CSV")
    parser = Parser()
    file = text.open()
    while piece := file.read(PIECE):
        text.check()
        parser.feed(piece)
    found = [[[" ".join(cell.split()) for cell in row] for row in table if row] for table in parser.tables]
    chosen = max(found, key=lambda rows: sum(map(len, rows)), default=[])
    if max(map(len, chosen), default=0) < 2:
        raise TableError("this is a web page or XML without a table of two columns; save the table as CSV")
    notes = [f"Of {len(found)} tables in the page the largest was read."] if len(found) > 1 else []
    rows = list(enumerate(chosen, 1))
    return Source(lambda: iter(rows), len(rows), "comma", text.encoding, notes=[*text.notes, *notes], said={"format": "page"})
