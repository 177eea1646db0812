"""Who gets in where: every address of the site, every role, and the things that an address may name.

A new address fails here until it has its rows in ADDRESSES (or, for a new page of the admin, its letters in ADMIN), and
nobody gets in until it has an entry in config/access.py. The things that rows name are made in house.py.
"""

from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from itertools import chain

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from config.access import DOORS, door_of
from tests.security.addresses import addresses
from tests.security.house import ROLES, House

# One line a combination: address | thing in it | method | what strangers, sellers, accounts without a role, viewers,
# cataloguers, managers and the admin get. "login" is the way to the login page, "on" another page of ours;
# "up" is 200, or 503 where the machine of the tests is not all that a house needs.
ADDRESSES = """
search           | -               | GET  | login login 403 200 200 200 200
search           | -               | POST | login login 403 422 422 422 422
results          | a colleague's   | GET  | login login 403 200 200 200 200
results          | sent in         | GET  | login login 403 404 200 200 200
results          | a seller's      | GET  | login login 403 404 404 404 404
results          | expired         | GET  | login login 403 404 404 404 404
results          | never was       | GET  | login login 403 404 404 404 404
add-photos       | a colleague's   | POST | login login 403 422 422 422 422
add-photos       | a seller's      | POST | login login 403 404 404 404 404
add-photos       | expired         | POST | login login 403 404 404 404 404
crop             | photo           | POST | login login 403 422 422 422 422
crop             | another's photo | POST | login login 403 404 404 404 404
crop             | seller's photo  | POST | login login 403 404 404 404 404
remove-photo     | photo           | POST | login login 403 on  on  on  on
remove-photo     | another's photo | POST | login login 403 404 404 404 404
remove-photo     | seller's photo  | POST | login login 403 404 404 404 404
judge            | of a colleague  | POST | login login 403 403 on  on  on
judge            | of a seller     | POST | login login 403 403 404 404 404
like             | an item         | GET  | login login 403 200 200 200 200
like             | no item         | GET  | login login 403 404 404 404 404
judge-like       | of an item      | POST | login login 403 403 on  on  on
item             | an item         | GET  | login login 403 200 200 200 200
item             | no item         | GET  | login login 403 404 404 404 404
sheet            | a colleague's   | GET  | login login 403 200 200 200 200
sheet            | sent in         | GET  | login login 403 404 200 200 200
sheet            | a seller's      | GET  | login login 403 404 404 404 404
sheet            | expired         | GET  | login login 403 404 404 404 404
sheet-save       | a colleague's   | POST | login login 403 403 409 409 409
sheet-save       | a seller's      | POST | login login 403 403 404 404 404
item-sheet       | an item         | GET  | login login 403 200 200 200 200
item-sheet       | no item         | GET  | login login 403 404 404 404 404
item-sheet-save  | an item         | POST | login login 403 403 409 409 409
item-sheet-save  | no item         | POST | login login 403 403 404 404 404
workfiles        | -               | GET  | login login 403 200 200 200 200
workfile         | a workfile      | GET  | login login 403 200 200 200 200
workfile         | never was       | GET  | login login 403 404 404 404 404
workfile-csv     | a workfile      | GET  | login login 403 200 200 200 200
prices           | -               | GET  | login login 403 403 200 200 200
prices-run       | a back-test     | GET  | login login 403 403 200 200 200
prices-run       | never was       | GET  | login login 403 403 404 404 404
quality          | -               | GET  | login login 403 403 403 200 200
quality-run      | an evaluation   | GET  | login login 403 403 403 200 200
quality-run      | never was       | GET  | login login 403 403 403 404 404
statistics       | -               | GET  | login login 403 200 200 200 200
statistics-csv   | -               | GET  | login login 403 200 200 200 200
warnings         | -               | GET  | login login 403 403 403 200 200
warnings-csv     | -               | GET  | login login 403 403 403 200 200
verdict          | an item         | GET  | login login 403 403 200 200 200
verdict          | no item         | GET  | login login 403 403 404 404 404
seller           | -               | GET  | 200 200 200 200 200 200 200
seller           | -               | POST | 422 422 422 422 422 422 422
seller-answer    | sealed          | GET  | 200 200 200 200 200 200 200
seller-answer    | sealed, expired | GET  | 404 404 404 404 404 404 404
seller-answer    | sealed, staff's | GET  | 404 404 404 404 404 404 404
seller-answer    | another's seal  | GET  | 404 404 404 404 404 404 404
seller-answer    | no seal         | GET  | 404 404 404 404 404 404 404
seller-enquiry   | sealed          | POST | 422 422 422 422 422 422 422
seller-enquiry   | sealed, expired | POST | 404 404 404 404 404 404 404
seller-forget    | sealed          | POST | 200 200 200 200 200 200 200
seller-forget    | sealed, expired | POST | 404 404 404 404 404 404 404
seller-forget    | sealed, staff's | POST | 404 404 404 404 404 404 404
media            | signed          | GET  | 200 200 200 200 200 200 200
media            | not ours        | GET  | 403 403 403 403 403 403 403
account          | -               | GET  | login login 200 200 200 200 200
login-code       | -               | GET  | login login login login login login login
second-step      | -               | GET  | login login 200 200 200 200 200
remove-second-step | -             | POST | login login on  on  on  on  on
sign-out-elsewhere | -             | POST | login login on  on  on  on  on
healthz          | -               | GET  | 200 200 200 200 200 200 200
readyz           | -               | GET  | up  up  up  up  up  up  up
metrics          | -               | GET  | 404 404 404 404 404 200 200
status           | -               | GET  | login login 403 403 403 200 200
login            | -               | GET  | 200 200 on  on  on  on  on
logout           | -               | POST | login login login login login login login
admin:index      | -               | GET  | login login 403 200 200 200 200
admin:login      | -               | GET  | login login 403 on  on  on  on
admin:logout     | -               | POST | login login on  login login login login
admin:password_change      | -     | GET  | login login 403 200 200 200 200
admin:password_change_done | -     | GET  | login login 403 200 200 200 200
admin:jsi18n               | -     | GET  | login login 403 200 200 200 200
admin:autocomplete         | -     | GET  | login login 403 403 403 403 403
admin:auth_user_password_change      | a person | GET | login login 403 403 403 403 200
admin:view_on_site         | the item | GET | login login 403 404 404 404 404
admin:app_list             | its app | GET | login login 403 200 200 200 200
admin:catalog_importrun_mapping      | a run | GET  | login login 403 403 on  on  on
admin:catalog_importrun_start        | a run | POST | login login 403 403 on  on  on
admin:catalog_importrun_progress     | a run | GET  | login login 403 403 200 200 200
admin:catalog_importrun_bad_rows     | a run | GET  | login login 403 403 200 200 200
"""

# What each role may do in the admin with each kind of thing: v(iew), a(dd), c(hange), d(elete).
ADMIN = """
               viewer cataloguer manager admin
auth_group            -    -     -     vacd
auth_user             -    -     -     vacd
catalog_auditentry    -    -     v     v
catalog_bidstep       v    v     vacd  vacd
catalog_category      v    vac   vacd  vacd
catalog_exchangerate  v    v     vacd  vacd
catalog_importprofile -    va    vacd  vacd
catalog_importrun     -    va    vad   vad
catalog_item          v    vac   vacd  vacd
catalog_photo         v    vcd   vcd   vcd
catalog_sale          v    vac   vacd  vacd
search_calibration    -    v     v     v
search_enquiry        -    vc    vcd   vcd
search_indexbuild     v    v     v     v
search_judgement      -    v     vd    vd
search_query          v    v     v     v
"""
PAGES = {"changelist": "v", "add": "a", "change": "v", "history": "v", "simple_history": "v", "delete": "d"}

QUICK = ("stranger", "cataloguer")  # the roles that the quick part asks as
Row = tuple[str, str, str, list[str]]


def _address_rows() -> Iterator[Row]:
    for line in ADDRESSES.strip().splitlines():
        name, thing, method, outcomes = (cell.strip() for cell in line.split("|"))
        yield name, thing, method, outcomes.split()


def _admin_rows() -> Iterator[Row]:
    kept = {name for name in addresses() if name.endswith("_simple_history")}
    for line in ADMIN.strip().splitlines()[1:]:
        model, *letters = line.split()
        for page, needed in PAGES.items():
            name = f"admin:{model}_{page}"
            if page != "simple_history" or name in kept:
                outcomes = ["200" if needed in each else "403" for each in letters]
                yield name, model, "GET", ["login", "login", "403", *outcomes]


TABLE: dict[str, list[Row]] = defaultdict(list)  # rows by the name of the address
for row in [*_address_rows(), *_admin_rows()]:
    TABLE[row[0]].append(row)


def rows() -> Iterator[Row]:
    """Of every address that there is."""
    return chain.from_iterable(TABLE.get(name, []) for name in addresses())


@pytest.mark.parametrize("name", addresses())
def test_each_address_says_who_gets_in(name: str) -> None:
    assert name in TABLE, f"{name!r} is new: say in ADDRESSES or ADMIN who gets in, for each kind of thing it may name."
    assert door_of(name), f"{name!r} has no entry in config/access.py: nobody may come in."


@pytest.mark.usefixtures("undrawn")
@pytest.mark.django_db
@pytest.mark.parametrize(
    "role", [role if role in QUICK else pytest.param(role, marks=pytest.mark.slow) for role in ROLES]
)
def test_each_address_lets_in_whom_it_should(role: str) -> None:
    house, wrong = House(), []
    for name, thing, method, outcomes in rows():
        path, expected = address(house, name, thing), outcomes[ROLES.index(role)]
        got = outcome(house.browsers[role], method, path)
        if got not in {"up": ("200", "503")}.get(expected, (expected,)):
            wrong.append(f"{name}, {thing}: {method} {path} gives {got}, not {expected}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_no_row_is_left_of_an_address_that_went() -> None:
    assert set(TABLE) <= set(addresses())
    assert set(DOORS) <= set(addresses())


def test_an_address_that_nobody_spoke_of_is_closed() -> None:
    assert door_of("a-page-of-tomorrow") is None


def address(house: House, name: str, thing: str) -> str:
    facts = house.things | {
        "a person": {"id": house.rows["auth_user"].pk},
        "the item": {"content_type_id": 10**6, "object_id": 1},
        "its app": {"app_label": "catalog"},
    }
    if thing in facts:
        named = facts[thing]
        return named["path"] if "path" in named else reverse(name, kwargs=named)
    page, row = name.removeprefix(f"admin:{thing}_"), house.rows[thing]
    if page in ("changelist", "add"):
        return reverse(name)
    return reverse(name, args=[row.pk, row.history.latest().pk] if page == "simple_history" else [row.pk])


def outcome(browser: Client, method: str, path: str) -> str:
    """What comes of asking, without leaving anything changed: the session too stays as it was."""
    cookies = deepcopy(browser.cookies)
    with transaction.atomic():
        response = browser.generic(method, path)
        transaction.set_rollback(True)
    browser.cookies = cookies
    if response.status_code in (301, 302):
        return "login" if response["Location"].startswith(("/login/", "/admin/login/")) else "on"
    return str(response.status_code)
