"""Back to an earlier build, at once, and in such a way that no rebuild brings the withdrawn one back by itself."""

from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from search import networks
from search.encoder import EncoderError
from search.head import HeadError
from search.heads import serving as heads
from search.index import directory as place
from search.index.base import IndexRefused
from search.index.builder import fault_of
from search.index.lock import rebuild_lock
from search.index.manifest import Manifest
from search.ingest import embed_with
from search.models import Feature, IndexBuild, TrainedHead
from search.rebuild import lacking, mark_current
from search.wanted import current_build, encoder_of, held_back, wanted_encoder

Say = Callable[[str], object]


class RollbackRefused(Exception):
    """The build can't serve, or there is none to go back to; nothing has changed. The message is in sentences."""


def rollback(build_id: str, say: Say) -> IndexBuild:
    """Let the build called `build_id` serve, or with "" the good one before the current; `say` is told what happens.

    What it was made with serves again too: its head, its network. Photos that its network has not seen are embedded
    first, so that none is missed. Raises RollbackRefused; search goes on all the while.
    """
    with rebuild_lock(settings.INDEX_DIR) as held:
        if not held:
            raise RollbackRefused("A rebuild is running. Go back when it has ended, or stop it first.")
        current = current_build()
        target = _target(build_id, current)
        _refuse_the_unfit(target)
        if current is None or target.encoder != current.encoder:
            _embed_what_it_lacks(target, say)
        served = TrainedHead.objects.filter(standing="serving", encoder=target.encoder).first()
        withdrawn = _let_serve(target, current)
        place.point_to(settings.INDEX_DIR, target.build_id)
        mark_current(target.build_id)
    _tell(target, withdrawn, served.name if served else "", say)
    return target


def _target(build_id: str, current: IndexBuild | None) -> IndexBuild:
    good = IndexBuild.objects.filter(state=IndexBuild.State.READY)
    if build_id:
        named = good.filter(build_id=build_id).first()
        if named is None:
            raise RollbackRefused(f"There is no good build {build_id}. The builds: manage.py index_status")
        if current and named.pk == current.pk:
            raise RollbackRefused(f"Build {build_id} serves already.")
        return named
    earlier = good.filter(withdrawn_at=None)
    if current:
        earlier = earlier.filter(started_at__lt=current.started_at)
    found = earlier.first()
    if found is None:
        raise RollbackRefused("There is no earlier build to go back to.")
    return found


def _refuse_the_unfit(target: IndexBuild) -> None:
    directory = settings.INDEX_DIR / target.build_id
    try:
        fault = "" if Manifest.read(directory).digest == target.manifest.get("digest") else "its manifest is another's"
    except IndexRefused as refusal:
        fault = str(refusal)
    if fault := fault or fault_of(directory):
        raise RollbackRefused(f"Build {target.build_id} can't serve: {fault}.")
    if encoder_of(target) is None:
        setting = target.manifest.get("encoder_setting")
        raise RollbackRefused(
            f"Build {target.build_id} was made with {target.encoder}, and that network can't be had any more: "
            f"set ENCODER={setting} and its ENCODER_WEIGHTS as they were."
        )


def _embed_what_it_lacks(target: IndexBuild, say: Say) -> None:
    """Photos that came after the change of networks have never been seen by the earlier one."""
    encoder, missing = encoder_of(target), lacking(target.encoder)
    if not missing or encoder is None:
        return
    say(f"{_photos(missing)} came while another network served; {target.encoder} sees them first.")
    for _ in embed_with(encoder):
        pass
    if left := lacking(target.encoder):
        say(f"{_photos(left)} could not be embedded with it and can't be found until they are.")


def _let_serve(target: IndexBuild, current: IndexBuild | None) -> Sequence[str]:
    """Builds that came later are withdrawn, and one of the wanted network that another takes the place of: these.

    Rows come before the pointer: killed in between, the command is asked again and goes on; the other way round, the
    next rebuild would bring back what was to be withdrawn.
    """
    withdraw = Q(started_at__gt=target.started_at)
    if current and current.encoder != target.encoder and current.encoder == _wanted_name():
        withdraw |= Q(pk=current.pk)
    try:
        with transaction.atomic():
            heads.follow_build(target.encoder, target.head)
            networks.follow_build(target.encoder)
            leaving = IndexBuild.objects.filter(withdraw, state=IndexBuild.State.READY, withdrawn_at=None)
            withdrawn = list(leaving.values_list("build_id", flat=True))
            leaving.update(withdrawn_at=timezone.now())
            IndexBuild.objects.filter(pk=target.pk).update(withdrawn_at=None)
    except (HeadError, EncoderError) as error:
        raise RollbackRefused(str(error)) from error
    return withdrawn


def _tell(target: IndexBuild, withdrawn: Sequence[str], served_head: str, say: Say) -> None:
    say(f"Build {target.build_id} serves: {_photos(target.photo_count)}, {target.encoder}, {target.head}.")
    if since := Feature.objects.filter(encoder=target.encoder, id__gt=target.max_feature_id).count():
        say(f"{_photos(since)} embedded since are searched beside it.")
    if served_head and served_head != target.head:
        say(f"The head {served_head} is out of service: the next builds are made with {target.head}.")
    wanted = _wanted_name()
    if wanted and wanted != target.encoder and held_back(wanted):
        say(
            f"New photos are embedded with {target.encoder}. {wanted}, which the settings name, is held back until "
            "you say: manage.py rebuild_index --wanted"
        )
    if withdrawn:
        say(f"Withdrawn: {', '.join(withdrawn)}. To have one back: manage.py rollback_index {withdrawn[0]}")


def _wanted_name() -> str:
    try:
        return wanted_encoder().name
    except EncoderError:
        return ""


def _photos(count: int) -> str:
    return f"{count:,} photo{'' if count == 1 else 's'}"
