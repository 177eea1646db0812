"""A person at the admin, over real HTTP: reads the form that is there, changes it, sends it."""

from dataclasses import dataclass
from html.parser import HTMLParser

import requests

ITEMS = "/admin/catalog/item"


class Form(HTMLParser):
    """What a browser would send if nothing were changed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._choosing = self._writing = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        name, kind = facts.get("name", ""), facts.get("type", "text")
        if tag == "select":
            self._choosing = name
        elif tag == "option" and "selected" in facts and self._choosing:
            self.values[self._choosing] = facts.get("value", "")
        elif tag == "textarea":
            self._writing = name
            self.values[name] = ""
        elif tag == "input" and name and _is_sent(kind, facts):
            self.values[name] = facts.get("value", "on" if kind == "checkbox" else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._choosing = ""
        elif tag == "textarea":
            self._writing = ""

    def handle_data(self, data: str) -> None:
        if self._writing:
            self.values[self._writing] += data


def _is_sent(kind: str, facts: dict[str, str]) -> bool:
    if kind in ("submit", "file", "button"):
        return False
    return kind not in ("checkbox", "radio") or "checked" in facts


@dataclass
class Visitor:
    """One log-in. Each deed says whether the house has confirmed it; requests' own errors pass through."""

    address: str
    name: str
    password: str

    def __post_init__(self) -> None:
        self.session = requests.Session()

    def log_in(self) -> None:
        form = self._form("/login/")
        answer = self._post("/login/", form | {"username": self.name, "password": self.password})
        assert answer.status_code == 302, answer.text[:2000]

    def add_item(self, title: str, photo: bytes) -> int | None:
        """An item with a photo; its number, where that was confirmed."""
        form = self._form(f"{ITEMS}/add/") | {"title": title, "_continue": "1"}
        answer = self._post(f"{ITEMS}/add/", form, photo)
        if answer.status_code != 302:
            return None
        return int(answer.headers["Location"].split("/")[-3])

    def add_photo(self, item: int, photo: bytes) -> bool:
        return self._change(item, {}, photo)

    def sees(self, item: int, words: str) -> bool:
        """Whether the item's page says so now; a message is said once."""
        return words in self.get(f"{ITEMS}/{item}/change/").text

    def set_price(self, item: int, hammer: int) -> bool:
        return self._change(item, {"status": "sold", "hammer": str(hammer)})

    def delete(self, item: int) -> bool:
        page = f"{ITEMS}/{item}/delete/"
        return self._post(page, self._form(page) | {"post": "yes"}).status_code == 302

    def ask(self, photo: bytes) -> bool:
        """A search by photo, answered."""
        answer = self._post("/", self._form("/"), photo, field="photos")
        return answer.status_code == 302 and self.get(answer.headers["Location"]).status_code == 200

    def get(self, path: str, *, seconds: float = 60) -> requests.Response:
        return self.session.get(self.address + path, timeout=seconds, allow_redirects=False)

    def _change(self, item: int, changes: dict[str, str], photo: bytes | None = None) -> bool:
        page = f"{ITEMS}/{item}/change/"
        answer = self._post(page, self._form(page) | changes | {"_continue": "1"}, photo)
        return answer.status_code == 302

    def _form(self, path: str) -> dict[str, str]:
        answer = self.get(path)
        if answer.status_code != 200:
            raise requests.HTTPError(f"{path} answered {answer.status_code}", response=answer)
        return Form(answer.text).values

    def _post(
        self, path: str, values: dict[str, str], photo: bytes | None = None, *, field: str = "new_photos"
    ) -> requests.Response:
        files = {field: ("photo.jpg", photo, "image/jpeg")} if photo else None
        return self.session.post(
            self.address + path,
            data=values,
            files=files,
            headers={"Referer": self.address + path},
            timeout=60,
            allow_redirects=False,
        )
