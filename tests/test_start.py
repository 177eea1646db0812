"""What a process of the site does not load before it is asked for it: each would cost every start seconds or memory."""

import subprocess
import sys

import pytest

from tests.test_settings import ROOT

HEAVY = ("torch", "torchvision", "timm", "scipy", "sklearn", "faiss", "pymilvus", "milvus_lite", "openpyxl", "boto3")


@pytest.mark.slow
@pytest.mark.parametrize(
    "modules",
    ["config.wsgi, config.urls, django.urls", "worker.celery, worker.tasks, worker.signals"],
    ids=["web", "worker"],
)
def test_a_process_starts_without_what_few_requests_and_jobs_need(modules: str) -> None:
    code = (
        f"import django, sys; django.setup(); import {modules}\n"
        "from django.urls import get_resolver; assert get_resolver().url_patterns  # and with them every view\n"
        f"print(*[name for name in {HEAVY} if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split() == []
