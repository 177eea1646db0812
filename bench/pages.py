"""`python -m bench.pages`: what each kind of page costs of a core, on the house in DATA_DIR.

Django's test client asks in this process, so servers and network cards are not in the figures: all of the program is,
with the database's client. Processor time doesn't count waiting, yet a crowded machine makes it longer by half: compare
rows of one run, and runs side by side. What is written meanwhile (a login, a session) is taken back.
"""

import argparse
import gc
import os
import random
import sys
import time
from collections.abc import Mapping, Sequence
from statistics import median, quantiles

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402 - only now is Django ready
from django.contrib.auth.models import Group, User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from catalog.models import Item  # noqa: E402

WARM = 15  # pages of each kind that are asked for and not counted
PAGES: Sequence[tuple[str, str, Mapping[str, str]]] = (
    ("a bare page: one's account", "/account/", {}),
    ("an item's page", "/items/{}/", {}),
    ('the answer to "more like this"', "/like/{}/", {}),
    ("a sheet on its own page", "/items/{}/sheet/", {}),
    ("the rows of a sheet that is unfolded", "/items/{}/sheet/", {"HX-Request": "true", "HX-Target": "sheet-rows"}),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--each", type=int, default=100, help="pages of each kind")
    options = parser.parse_args()
    call_command("collectstatic", interactive=False, verbosity=0)
    items = list(Item.objects.sold().values_list("pk", flat=True)[:20_000])
    if not items:
        print("Nothing was sold in this house: there is no page to ask for.", file=sys.stderr)
        return 1
    random.Random(3).shuffle(items)  # noqa: S311
    gc.set_threshold(50_000, 20, 20)  # as the web server does
    print("| page | CPU, ms: median | 95th percentile | queries | kB |\n|---|---|---|---|---|")
    with transaction.atomic():
        client = _manager()
        for what, address, headers in PAGES:
            print(f"| {what} | {_measured(client, address, headers, items, options.each)} |", flush=True)
        transaction.set_rollback(True)
    return 0


def _manager() -> Client:
    user = User.objects.create_user("bench-pages", is_staff=True)
    user.groups.add(Group.objects.get(name="Manager"))
    host = next(iter(settings.ALLOWED_HOSTS), "localhost")
    client = Client(headers={"host": host.lstrip(".")})
    client.force_login(user)
    return client


def _measured(client: Client, address: str, headers: Mapping[str, str], items: Sequence[int], each: int) -> str:
    """Of another item each time."""
    times, size = [], 0
    for number in range(WARM + each):
        if number == WARM:
            gc.collect()
            gc.freeze()
        began = time.process_time()
        page = client.get(address.format(items[number % len(items)]), headers=dict(headers), secure=True)
        times.append(1000 * (time.process_time() - began))
        if page.status_code != 200:
            raise SystemExit(f"{address} answers {page.status_code}.")
        size = max(size, len(page.content))
    with CaptureQueriesContext(connection) as queries:
        client.get(address.format(items[-1]), headers=dict(headers), secure=True)
    counted = times[WARM:]
    return f"{median(counted):.1f} | {quantiles(counted, n=20)[-1]:.1f} | {len(queries)} | {size / 1000:.0f}"


if __name__ == "__main__":
    sys.exit(main())
