"""The production files mean what they should: compose, images, nginx, and one list of settings for all of them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.test_settings import ROOT, explained, settings_read

COMPOSE = YAML(typ="safe").load(ROOT / "docker-compose.yml")
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ["web", "migrate", "worker", "worker-gpu", "chores", "beat"]
ONCE = "migrate"


def used_by_compose() -> set[str]:
    return set(re.findall(r"\$\{([A-Z0-9_]+)", COMPOSE_TEXT))


def test_the_example_marks_what_compose_passes_on() -> None:
    marked = {name for name, (_, comment) in explained().items() if re.search(r"\[compose(?! reads)", comment)}
    assert marked == used_by_compose()


def test_the_example_marks_what_compose_requires() -> None:
    required = set(re.findall(r"\$\{([A-Z0-9_]+):\?", COMPOSE_TEXT))
    for name in required:
        assert "[required]" in explained()[name][1], name


def test_compose_hands_our_processes_only_settings_that_exist() -> None:
    known = settings_read() | {f"{name}_FILE" for name in settings_read()}
    for service in OURS:
        assert set(SERVICES[service]["environment"]) <= known, service


def test_compose_keeps_to_the_specification() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_every_image_has_a_pinned_version() -> None:
    for name, service in SERVICES.items():
        image, _, tag = service["image"].rpartition(":")
        assert image, name
        assert re.match(r"\d+\.\d+", tag), f"{name}: {service['image']}"


def test_every_lasting_service_restarts_and_tells_its_health() -> None:
    for name, service in SERVICES.items():
        if name == ONCE:
            continue
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}, name


def test_nobody_starts_before_what_it_needs() -> None:
    for name in ["web", "worker", "worker-gpu", "chores", "beat"]:
        assert SERVICES[name]["depends_on"] == {
            "db": {"condition": "service_healthy"},
            "redis": {"condition": "service_healthy"},
            "migrate": {"condition": "service_completed_successfully"},
        }
    assert SERVICES["nginx"]["depends_on"] == {"web": {"condition": "service_healthy"}}
    for service in SERVICES.values():
        for needed, how in service.get("depends_on", {}).items():
            assert how["condition"] != "service_healthy" or "healthcheck" in SERVICES[needed]


def test_only_nginx_is_open_to_the_world() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["db"]["networks"] == SERVICES["redis"]["networks"] == ["inside"]


def test_redis_throws_nothing_away() -> None:
    command = SERVICES["redis"]["command"]
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--maxmemory-policy"] == "noeviction"
    assert options["--appendonly"] == "yes"
    assert options["--requirepass"].startswith("${REDIS_PASSWORD:?")


def test_the_timetable_is_called_out_once() -> None:
    callers = [name for name, service in SERVICES.items() if "beat" in str(service.get("command", ""))]
    assert callers == ["beat"]
    assert "deploy" not in SERVICES["beat"]


def test_the_next_version_is_the_web_under_another_name_and_only_there_while_it_takes_over() -> None:
    web, following = SERVICES["web"], SERVICES["web-next"]
    assert following == web | {"profiles": ["next"]}
    named = re.findall(
        r"^server (\S+) max_fails=0 resolve;$", (ROOT / "deploy/upstream.conf").read_text(), re.MULTILINE
    )
    assert named == ["web:8000"]


def test_the_gpu_is_asked_for_only_in_its_profile() -> None:
    assert [name for name, service in SERVICES.items() if "gpu" in service.get("profiles", [])] == ["worker-gpu"]
    devices = SERVICES["worker-gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert devices == [{"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}]
    assert SERVICES["worker-gpu"]["build"]["target"] == "worker-gpu"


def test_a_worker_has_time_to_give_its_work_back() -> None:
    for name in ["worker", "worker-gpu", "chores", "beat"]:
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > 20 + 10


def test_our_containers_can_do_little() -> None:
    for name in [*OURS, "nginx"]:
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_volumes_secrets_and_networks_are_declared_and_used() -> None:
    mounts = [str(mount).split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])]
    assert {mount for mount in mounts if not mount.startswith(".")} == set(COMPOSE["volumes"])
    assert {secret for service in SERVICES.values() for secret in service.get("secrets", [])} == set(COMPOSE["secrets"])
    assert {net for service in SERVICES.values() for net in service["networks"]} == set(COMPOSE["networks"])


def test_services_build_targets_of_our_dockerfile() -> None:
    targets = set(re.findall(r"^FROM \S+ AS (\S+)$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE))
    assert {SERVICES[name]["build"]["target"] for name in OURS} == {"web", "worker", "worker-gpu"}
    assert {"web", "worker", "worker-gpu"} <= targets


def test_the_dockerfile_has_no_faults() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, ROOT / "deploy" / "Dockerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_holds_every_package_and_no_tests() -> None:
    sources = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)
    copied = {source for line in sources for source in line.split()}
    assert all((ROOT / source).exists() for source in copied)
    assert {"config", "catalog", "search", "worker", "templates", "static"} <= copied
    assert not {"tests", "bench", "."} & copied
    let_through = {
        line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"
    }
    assert {source.split("/")[0] for source in copied} <= let_through


def test_the_makefile_and_the_image_use_one_python() -> None:
    assert shutil.which(sys.executable)
    images = set(re.findall(r"^FROM python:(\d+\.\d+)", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE))
    assert images == {"3.11"}


def test_every_folder_that_is_written_to_is_a_volume_that_our_user_owns() -> None:
    """The rest of a container can't be written to."""
    sources = [path for app in ("config", "catalog", "search", "worker") for path in (ROOT / app).rglob("*.py")]
    folders = {name for path in sources for name in re.findall(r'\bDATA_DIR / "(\w+)"', path.read_text())}
    elsewhere = {"sample", "broker"}  # a demonstration's, and an embedded broker's
    mounted = {str(mount).split(":")[1] for mount in SERVICES["web"]["volumes"]}
    assert mounted == {f"/data/{name}" for name in folders - elsewhere}
    image = (ROOT / "deploy" / "Dockerfile").read_text()
    owned = re.findall(r"^ +&& install --directory --owner hindsight .* --mode 750 (.+)$", image, re.MULTILINE)
    assert set(owned[0].split()) == {"/data", *mounted}
