"""What the public page takes from a stranger."""

from typing import Any

from django import forms
from django.conf import settings

from catalog.pictures import Picture
from search.forms import PhotosField


class SellerForm(forms.Form):
    photos = PhotosField(
        label="Photos",
        most=settings.SELLER_PHOTOS,
        max_bytes=settings.SELLER_PHOTO_MAX_BYTES,
        error_messages={"required": "Choose at least one photo."},
    )
    words = forms.CharField(required=False, max_length=500)

    @property
    def is_from_a_program(self) -> bool:
        """Nobody sees the field "website"; programs that fill in every field do. Looks at no photo."""
        return bool(self.data.get("website"))

    @property
    def pictures(self) -> list[Picture]:
        return list(self.cleaned_data["photos"])


class EnquiryForm(forms.Form):
    name = forms.CharField(
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Who are you? Please write your name."},
    )
    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Without an e-mail address we can't answer.",
            "invalid": "This is not an e-mail address: write it as name@example.com.",
        },
    )
    phone = forms.CharField(required=False, max_length=50, widget=forms.TextInput(attrs={"autocomplete": "tel"}))
    message = forms.CharField(
        label="Anything else?", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    consent = forms.BooleanField(error_messages={"required": "We can only keep your photos if you agree to it."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "email", "phone", "message"):
            self.fields[name].widget.attrs["class"] = "input"
        for name in self.errors:
            self.fields[name].widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"id_{name}_error"}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("name", "phone"):
            if not str(given.get(name, "")).isprintable():
                self.add_error(name, "Write this on one line, without control characters.")
        return given

    @property
    def details(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("name", "email", "phone", "message")}
