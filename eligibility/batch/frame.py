"""Sets of rows: the households themselves, or people inside them (people of people in nested walks)."""


class Frame:
    """Rows of a chunk. hh: household of each row, None for the households themselves. people: {variable: person index, -1 for nobody}.

    parent, rows: the frame around this one, and its row for each row here. lacking: a variable may stand for nobody.
    """

    def __init__(self, n, hh=None, people=None, parent=None, rows=None, lacking=False):
        self.n, self.hh, self.people, self.parent, self.rows, self.lacking = n, hh, people or {}, parent, rows, lacking
        self.cache = {}
        self.children = {}

    def root_for(self, free):
        """(frame, index): the outermost frame that knows all of `free`, and its row for each row of this one (None: the same rows)."""
        frame, index = self, None
        while frame.parent is not None and free <= set(frame.parent.people):
            index = frame.rows if index is None else frame.rows[index]
            frame = frame.parent
        return frame, index
