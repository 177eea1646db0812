"""A small house with somebody in each role, and one of each thing that they might reach for."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache, cached_property
from typing import Any
from uuid import uuid4

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from catalog import audit
from catalog.media import photo_url
from catalog.models import BidStep, Category, ExchangeRate, ImportProfile, ImportRun, Item
from catalog.pictures import Picture
from search.asking import ask
from search.models import Calibration, Enquiry, Evaluation, IndexBuild, Judgement, Query, Workfile
from search.seller.seal import SealedKey
from tests.search.backtests import kept
from tests.search.pages import picture
from tests.search.shelf import shelve
from tests.search.test_quality_page import FACTS
from tests.search.test_quality_page import row as measured

ROLES = ("stranger", "seller", "nobody", "viewer", "cataloguer", "manager", "admin")


def member(role: str) -> User:
    """Staff with that role; `nobody` has an account and no role, the admin is the superuser."""
    user = User.objects.create(username=role, is_staff=role != "nobody", is_superuser=role == "admin")
    if role not in ("nobody", "admin"):
        user.groups.add(Group.objects.get(name=role.title()))
    return user


@cache
def two_pictures() -> list[Picture]:
    return [picture("red"), picture("blue")]


def question(kind: str, owner: User | None = None, **facts: Any) -> Query:
    """A question with two photos."""
    query = ask(two_pictures(), kind=Query.Kind(kind), owner=owner)
    Query.objects.filter(pk=query.pk).update(**facts or {"words": ""})
    return query


class House:
    """Its things, by the names that the tables of the tests use; and a browser for each role."""

    def __init__(self) -> None:
        people = {role: member(role) for role in ROLES[2:]}
        self.browsers = {role: Client(raise_request_exception=False) for role in ROLES}
        for role, user in people.items():
            self.browsers[role].force_login(user)
        self.browsers["seller"].get("/sell/")
        self.photo = shelve("red")
        self.item = self.photo.item
        self._questions(User.objects.create(username="colleague"))
        self._rows(people["manager"])

    def _questions(self, colleague: User) -> None:
        over = timezone.now() - timedelta(minutes=1)
        self.colleagues = question("staff", colleague)
        self.expired = question("staff", colleague, expires_at=over)
        self.sellers = question("seller")
        self.sellers_expired = question("seller", expires_at=over)
        self.sent = question("seller")
        self.enquiry = Enquiry.objects.create(query=self.sent, name="Mia", email="mia@example.org")

    def _rows(self, manager: User) -> None:
        self.run = ImportRun.objects.create(source="lots.csv")
        self.back_test = kept()
        self.workfile = Workfile.objects.create(
            item_id=self.item.pk, number=1, title="red", author="colleague", frozen={}, digest="d"
        )
        self.evaluation = Evaluation.objects.create(dataset="ours", rows=[measured("serving", 0.9)], facts=FACTS)
        self.rows: Mapping[str, Any] = {
            "auth_group": Group.objects.get(name="Viewer"),
            "auth_user": manager,
            "catalog_auditentry": audit.record("price", thing=self.item),
            "catalog_bidstep": BidStep.objects.create(start=0, step=10),
            "catalog_exchangerate": ExchangeRate.objects.create(source="GBP", rate=2, on=timezone.localdate()),
            "catalog_category": Category.objects.create(name="Lamps", slug="lamps"),
            "catalog_importprofile": ImportProfile.objects.create(name="Ours", columns={}),
            "catalog_importrun": self.run,
            "catalog_item": self.item,
            "catalog_photo": self.photo,
            "catalog_sale": self.item.sale,
            "search_calibration": Calibration.objects.create(
                encoder="toy", head="h", curves={}, cutoff=0.5, false_alarms=0.1
            ),
            "search_enquiry": self.enquiry,
            "search_indexbuild": IndexBuild.objects.create(build_id="b1"),
            "search_judgement": Judgement.objects.create(
                item=self.item, verdict="same", by=manager, asked=uuid4(), likeness=0.9
            ),
            "search_query": self.colleagues,
        }
        LogEntry.objects.create(
            user=manager,
            content_type=ContentType.objects.get_for_model(Item),
            object_id=str(self.item.pk),
            action_flag=CHANGE,
        )

    @cached_property
    def things(self) -> dict[str, dict[str, Any]]:
        """What stands in an address, by the word that the table has for it."""
        seal = SealedKey().to_url
        theirs, others = seal(self.sellers.key), seal(self.sent.key)
        mixed = f"{theirs.partition('.')[0]}.{others.partition('.')[2]}"
        photo = self.colleagues.photos.first()
        assert photo is not None
        elsewhere = self.expired.photos.first()
        assert elsewhere is not None
        return {
            "-": {},
            "a colleague's": {"key": self.colleagues.key},
            "expired": {"key": self.expired.key},
            "a seller's": {"key": self.sellers.key},
            "sent in": {"key": self.sent.key},
            "never was": {"key": uuid4()},
            "an item": {"pk": self.item.pk},
            "no item": {"pk": 10**9},
            "photo": {"key": self.colleagues.key, "photo": photo.key},
            "another's photo": {"key": self.colleagues.key, "photo": elsewhere.key},
            "seller's photo": {"key": self.sellers.key, "photo": photo.key},
            "of a colleague": {"key": self.colleagues.key, "pk": self.item.pk},
            "of a seller": {"key": self.sellers.key, "pk": self.item.pk},
            "of an item": {"asked": self.item.pk, "pk": self.item.pk},
            "a workfile": {"key": self.workfile.key},
            "a back-test": {"key": self.back_test.key},
            "an evaluation": {"key": self.evaluation.key},
            "sealed": {"key": self.sellers.key},
            "sealed, expired": {"key": self.sellers_expired.key},
            "sealed, staff's": {"key": self.colleagues.key},
            "another's seal": {"path": f"/sell/{mixed}/"},
            "no seal": {"path": f"/sell/{self.sellers.key.hex}/"},
            "signed": {"path": photo_url(self.photo, None)},
            "not ours": {"token": "eyJ0eXAiOiJKV1QifQ:x"},
            "a run": {"pk": self.run.pk},
        }
