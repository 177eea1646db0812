"""Fine-tuned networks: kept, promoted, gone back from."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from search import networks
from search.encoder import EncoderError, load_encoder
from search.models import Network, Standing
from tests.photos import paint


@pytest.fixture(autouse=True)
def own_weights(settings: Any, tmp_path: Path) -> Path:
    settings.WEIGHTS_DIR = tmp_path
    return tmp_path


def kept(name: str, content: bytes = b"weights", base: str = "mobilenet_v2_gem") -> Network:
    return networks.keep(name, content, Network(base=base))


@pytest.mark.django_db
def test_without_a_promoted_network_the_setting_says_which_one_is_wanted(settings: Any) -> None:
    settings.ENCODER = "light"
    kept("tuned-1")

    assert networks.wanted_setting() == "light"


@pytest.mark.django_db
def test_a_promoted_network_takes_the_place_of_the_one_it_was_made_from(settings: Any) -> None:
    networks.promote(kept("tuned-1").name)

    settings.ENCODER = "strong"
    assert networks.wanted_setting() == "house/tuned-1+dinov2_s"
    settings.ENCODER = "light"  # pools otherwise: the tuned one stands alone
    assert networks.wanted_setting() == "house/tuned-1"


@pytest.mark.django_db
def test_going_back_leads_through_the_earlier_networks_to_that_of_the_settings(settings: Any) -> None:
    settings.ENCODER = "mobilenet_v2_gem"
    for name in ("tuned-1", "tuned-2"):
        networks.promote(kept(name, name.encode()).name)

    assert networks.rollback() == "tuned-1"
    assert networks.wanted_setting() == "house/tuned-1"
    assert networks.rollback() == ""
    assert networks.wanted_setting() == "mobilenet_v2_gem"
    with pytest.raises(EncoderError, match="nothing to go back from"):
        networks.rollback()


@pytest.mark.django_db
def test_a_build_that_is_gone_back_to_brings_its_network_along() -> None:
    networks.promote(kept("tuned-1").name)
    networks.promote(kept("tuned-2", b"others").name)

    networks.follow_build("tuned-1+dinov2_s-cb9c1628")
    assert Network.objects.get(standing=Standing.SERVING).name == "tuned-1"
    networks.follow_build("mobilenet_v2-b0353104")
    assert not Network.objects.filter(standing=Standing.SERVING).exists()


@pytest.mark.django_db
def test_weights_that_were_tampered_with_or_lost_are_refused(own_weights: Path) -> None:
    kept("tuned-1")
    file = own_weights / "tuned-1.pth"

    file.write_bytes(b"something else")
    with pytest.raises(EncoderError, match="not the one that was trained"):
        networks.promote("tuned-1")
    file.unlink()
    with pytest.raises(EncoderError, match="can't be read"):
        networks.weights_of("tuned-1")
    assert not Network.objects.filter(standing=Standing.SERVING).exists()


@pytest.mark.django_db
def test_the_commands_say_what_serves(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("finetune", "--list")
    assert "No network has been fine-tuned yet." in capsys.readouterr().out

    kept("tuned-1")
    call_command("finetune", "--promote", "tuned-1")
    call_command("finetune", "--list")
    call_command("finetune", "--rollback")
    told = capsys.readouterr().out
    assert "tuned-1 is in service: photos are embedded with it in the background" in told
    assert "tuned-1  serving" in told
    assert "From now on photos are embedded with the network of the settings" in told
    with pytest.raises(CommandError, match="There is no fine-tuned network called 'tuned-9'"):
        call_command("finetune", "--promote", "tuned-9")


@pytest.mark.network
@pytest.mark.django_db
def test_a_catalogue_without_objects_of_several_photos_trains_nothing() -> None:
    with pytest.raises(CommandError, match="Only 0 objects have two photos or more"):
        call_command("finetune", "--base", "mobilenet_v2")

    assert not Network.objects.exists()


@pytest.mark.network
@pytest.mark.django_db
@pytest.mark.parametrize("base", ["mobilenet_v2", "mobilenet_v2_gem"])
def test_a_tuned_network_is_an_encoder_of_its_own_name_and_sees_a_little_otherwise(base: str, settings: Any) -> None:
    import torch

    from search.encoders.finetuned import start

    beginning, photos = start(base), [paint("red"), paint("blue")]
    with torch.no_grad():
        next(beginning.last[-1].parameters()).mul_(1.2)
    weights = io.BytesIO()
    torch.save(beginning.whole.state_dict(), weights)
    name = beginning.named(weights.getvalue())
    kept(name, weights.getvalue(), base)
    networks.promote(name)
    settings.ENCODER = base

    tuned, stock = load_encoder(networks.wanted_setting()), load_encoder(base)

    assert tuned.name == name != stock.name
    assert tuned.encode(photos).shape == stock.encode(photos).shape
    assert abs(tuned.encode(photos) - stock.encode(photos)).max() > 1e-3
