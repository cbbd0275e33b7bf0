"""What is said to a person, kept apart from the language it is said in: an English sentence with named gaps, and what fills them.

Pure: no catalogue of translations is known here. Who shows a message gives it the two functions of gettext (`eligibility.rule_words`).
`message` is imported as `_`, and `ngettext` under its own name, so that makemessages finds every sentence.
"""


def _as_written(sentence):
    return sentence


def _as_counted(one, many, number):
    return one if number == 1 else many


class Message:
    """A sentence. template: English, gaps as "%(name)s". values: {name: what fills it}.

    A value may be a Message, which is said in the same language; a list is said with commas between. plural, number: the sentence for
    any number but one, and the number, where the sentence counts.
    """

    __slots__ = ("number", "plural", "template", "values")

    def __init__(self, template, values=None, plural="", number=None):
        self.template, self.values, self.plural, self.number = template, dict(values or {}), plural, number

    def told(self, say=_as_written, say_many=_as_counted):
        """The sentence as text. say: gives the translation of a sentence; say_many: of (sentence for one, for many, number)."""
        found = say_many(self.template, self.plural, self.number) if self.plural else say(self.template)
        return found % {name: _told(value, say, say_many) for name, value in self.values.items()} if self.values else found

    def parts(self):
        """Itself and every message in its gaps."""
        yield self
        for value in self.values.values():
            for item in value if isinstance(value, (list, tuple)) else [value]:
                if isinstance(item, Message):
                    yield from item.parts()

    def __str__(self):
        return self.told()

    def __repr__(self):
        return f"Message({str(self)!r})"


def _told(value, say, say_many):
    if isinstance(value, Message):
        return value.told(say, say_many)
    return ", ".join(_told(item, say, say_many) for item in value) if isinstance(value, (list, tuple)) else str(value)


def message(template, **values):
    """A Message."""
    return Message(template, values)


def ngettext(one, many, number, **values):
    """A Message that counts: `one` is said for one, `many` for any other number, which fills the gap %(number)s."""
    return Message(one, {"number": number, **values}, many, number)


class _Several(Message):
    """Sentences that stand together, and nothing to translate itself."""

    __slots__ = ("between",)

    def __init__(self, sentences, between):
        super().__init__("", {"sentences": list(sentences)})
        self.between = between

    def told(self, say=_as_written, say_many=_as_counted):
        return self.between.join(_told(sentence, say, say_many) for sentence in self.values["sentences"])


def together(*sentences, between=" "):
    """One Message of several."""
    return _Several(sentences, between)


def verbatim(text):
    """A Message that is the same in every language: what somebody wrote, or what was translated before."""
    return _Several([text], "")
