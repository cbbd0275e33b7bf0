"""The form that brings a programme's folder in."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from eligibility.packed import LARGEST
from portal.rendering import present


class _Files(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several: (name, content) of each, a byte more than may be of a large one."""

    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, bytes]]:
        """Raises ValidationError where none was chosen."""
        given = data if isinstance(data, list | tuple) else [data]
        files: list[UploadedFile] = [super(FilesField, self).clean(item, initial) for item in given or [None]]
        return [((item.name or "").replace("\\", "/").rpartition("/")[2], item.read(LARGEST + 1)) for item in files]


class ImportForm(forms.Form):
    """The folder, and the code it shall have here."""

    folder = FilesField(
        label=_("The programme’s folder"),
        widget=_Files(attrs={"multiple": True, "accept": ".zip,.toml"}),
        help_text=_("The .zip file from “Download as a folder”, or the files programme.toml and cases.toml"),
        error_messages={"required": _("Choose the file"), "empty": _("The file is empty")},
    )
    code = forms.RegexField(
        r"^(?!(new|shared|uprating|import)$)[a-z][a-z0-9_]{2,59}$",
        label=_("A code of its own"),
        required=False,
        help_text=_(
            "Only for a new programme made from another one: the rule gets this code and your agency. Empty: it becomes a draft of the"
            " programme that has its code"
        ),
        error_messages={"invalid": _("Use 3 to 60 small letters, digits and _, beginning with a letter")},
    )
    present(code, width=20, spellcheck="false")
    note = forms.CharField(label=_("What this version changes"), max_length=500, required=False)
