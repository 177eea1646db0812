"""The forms of an import: which file, and which of its columns is which of our fields."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile

from catalog.importing.layout import DATE_ORDERS, FIELDS, Profile, lay
from catalog.importing.photo_files import looks_like_a_picture, open_photos
from catalog.importing.profiles import BUILT_IN, find_profile, from_json
from catalog.importing.setup import Preview, as_saved, guess, mapped, preview
from catalog.importing.table import ImportRefused
from catalog.models import ImportProfile, ImportRun

NOT_THERE = "– not in this file –"
BY_NAME = Profile("", {name: (name, label) for name, label in FIELDS.items()})  # a first guess at an unknown file
FIXED = ("sale_code", "sale_title", "sale_date", "currency", "category")


class UploadForm(forms.Form):
    """The file, and a ZIP with its photos."""

    source = forms.FileField(
        label="File of lots", help_text="CSV, TSV or XLSX, with the names of the columns in the first row."
    )
    photos = forms.FileField(
        label="Photos",
        required=False,
        help_text="A ZIP. Photos are found by a column of the file, by the item's key, or by names such as 27A_1.jpg.",
    )

    def clean_source(self) -> "UploadedFile[Any]":
        source: UploadedFile[Any] = self.cleaned_data["source"]
        with _on_disk(source) as path:
            try:
                self.headers = preview(path).headers
            except ImportRefused as refused:
                raise forms.ValidationError(str(refused)) from refused
            with path.open("rb") as file:
                self.suffix = ".xlsx" if file.read(2) == b"PK" else ".csv"
        return source

    def clean_photos(self) -> "UploadedFile[Any] | None":
        photos: UploadedFile[Any] | None = self.cleaned_data["photos"]
        if photos:
            try:
                with _on_disk(photos) as path, open_photos(path) as files:
                    if not any(looks_like_a_picture(name) for name in files.names()):
                        raise forms.ValidationError("There is no photo in this ZIP.")
            except ImportRefused as refused:
                raise forms.ValidationError("This file is not a ZIP that can be read.") from refused
        return photos

    def save(self, user: User) -> ImportRun:
        """A run that is still being set up; its files are kept under names of ours."""
        source, photos = self.cleaned_data["source"], self.cleaned_data["photos"]
        found = guess(self.headers)
        run = ImportRun(
            state=ImportRun.State.DRAFT,
            source_name=(source.name or "")[:300],
            profile=found.name if found else "",
            headers=list(self.headers),
            dry_run=True,
            created_by=user,
        )
        run.source.save(f"{run.key}{self.suffix}", source, save=False)
        if photos:
            run.photos.save(f"{run.key}.zip", photos, save=False)
        run.save()
        return run


class MappingForm(forms.Form):
    """Our fields against the file's headers, with what holds for every row."""

    dates = forms.ChoiceField(label="Dates are written", choices=list(DATE_ORDERS.items()), required=False)
    separator = forms.CharField(
        label="Between two photos in a cell", max_length=5, required=False, help_text="Such as | or ; or both."
    )
    profile_name = forms.CharField(
        label="Remember this mapping as",
        max_length=100,
        required=False,
        help_text="Needed where it differs from the one that was found; the next such file is read at once.",
    )

    def __init__(self, *args: Any, run: ImportRun, shown: Preview, user: User, **kwargs: Any) -> None:
        self.run, self.shown, self.user = run, shown, user
        self.found = _profile_of(run)
        kwargs["initial"] = self._initial() | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        headers = [(header, header) for header in shown.headers if header]
        for name, label in FIELDS.items():
            self.fields[f"column_{name}"] = (
                forms.MultipleChoiceField(label=label.capitalize(), choices=headers, required=False)
                if name == "photos"
                else forms.ChoiceField(label=label.capitalize(), choices=[("", NOT_THERE), *headers], required=False)
            )
        for name in FIXED:
            self.fields[f"fixed_{name}"] = forms.CharField(
                label=FIELDS[name].capitalize(), max_length=200, required=False
            )

    def _initial(self) -> dict[str, Any]:
        found = self.found
        columns = mapped(found or BY_NAME, self.shown.headers)
        initial: dict[str, Any] = {
            f"column_{name}": headers if name == "photos" else headers[0] for name, headers in columns.items()
        }
        initial |= {f"fixed_{name}": value for name, value in (found.fixed if found else {}).items()}
        initial |= {f"fixed_{name}": value for name, value in self.run.fixed.items()}
        initial |= {"dates": found.dates, "separator": found.separator} if found else {"separator": "|;"}
        return initial

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[f"column_{name}"] for name in FIELDS]

    @property
    def fixed(self) -> list[forms.BoundField]:
        return [self[f"fixed_{name}"] for name in FIXED]

    @property
    def options(self) -> list[forms.BoundField]:
        return [self["dates"], self["separator"]]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        self.fixed_values = {name: value for name in FIXED if (value := data[f"fixed_{name}"].strip())}
        columns = {name: value if name == "photos" else [value] for name in FIELDS if (value := data[f"column_{name}"])}
        options = {"dates": data["dates"], "separator": data["separator"]}
        try:
            self.profile, self.to_save = self._chosen(columns, options, data["profile_name"].strip())
            lay(self.profile, self.shown.headers, self.fixed_values)
        except ImportRefused as refused:
            raise forms.ValidationError(str(refused)) from refused
        return data

    def _chosen(
        self, columns: dict[str, list[str]], options: dict[str, Any], name: str
    ) -> tuple[Profile, ImportProfile | None]:
        """The profile that was found, where nothing was changed; else one to be saved under the given name."""
        found = self.found
        if found and columns == mapped(found, self.shown.headers) and options == _options(found):
            return found, None
        saved_columns, saved_options = as_saved(columns, options)
        profile = from_json(name or "this mapping", saved_columns, saved_options)
        if not name:
            raise ImportRefused("This mapping is new: say under which name to remember it.")
        known = ImportProfile.objects.filter(name=name).first()
        if name in {built_in.name for built_in in BUILT_IN}:
            raise ImportRefused(f"“{name}” is the name of a built-in profile. Choose another name.")
        if known and not self.user.has_perm("catalog.change_importprofile"):
            raise ImportRefused(f"There is a profile “{name}” already. Choose another name.")
        known = known or ImportProfile(name=name, created_by=self.user)
        known.columns, known.options = saved_columns, saved_options
        return profile, known

    def save(self) -> ImportRun:
        """The run, ready to be taken up: first as a rehearsal."""
        if self.to_save:
            self.to_save.save()
        run = self.run
        run.profile, run.fixed, run.dry_run = self.profile.name, self.fixed_values, True
        return begin(run)


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A saved profile, as JSON."""

    class Meta:
        model = ImportProfile
        fields = ["name", "columns", "options"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                from_json(data["name"], data["columns"], data["options"])
            except ImportRefused as refused:
                raise forms.ValidationError(str(refused)) from refused
        return data


def begin(run: ImportRun) -> ImportRun:
    """Put the run on the worker's to-do list, from the first row."""
    run.state, run.rows_done, run.rows_total, run.counts = ImportRun.State.PENDING, 0, None, {}
    run.message, run.finished_at = "", None
    run.bad_rows.all().delete()
    run.save()
    return run


def _profile_of(run: ImportRun) -> Profile | None:
    try:
        return find_profile(run.profile) if run.profile else None
    except ImportRefused:
        return None  # it was deleted or damaged in the meantime


def _options(profile: Profile) -> dict[str, Any]:
    return {"dates": profile.dates, "separator": profile.separator}


@contextmanager
def _on_disk(upload: "UploadedFile[Any]") -> Iterator[Path]:
    if hasattr(upload, "temporary_file_path"):
        yield Path(upload.temporary_file_path())
        return
    with tempfile.NamedTemporaryFile(prefix="import-") as copy:
        upload.seek(0)
        shutil.copyfileobj(upload, copy)
        copy.flush()
        upload.seek(0)
        yield Path(copy.name)
