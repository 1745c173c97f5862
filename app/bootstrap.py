"""Settings in, ports out: the one place where an adapter is chosen."""

from __future__ import annotations

from app.adapters.blobs_copied import CopiedBlobs
from app.adapters.blobs_disk import DiskBlobs
from app.adapters.blobs_object import ObjectBlobs
from app.adapters.bus_redis import RedisBus
from app.adapters.cdn_cloudfront import CloudFrontCdn
from app.adapters.embeddings_wordllama import WordLlamaEmbeddings
from app.adapters.images_by_kind import ImagesByKind
from app.adapters.limiter_memory import MemoryLimiter
from app.adapters.limiter_redis import RedisLimiter
from app.adapters.media_tools import LimitedMediaTools
from app.adapters.models_by_kind import ModelsByKind, needs_library
from app.adapters.models_embedded import EmbeddedModels
from app.adapters.models_lane import LaneModels
from app.adapters.models_litellm import LiteLLMModels
from app.adapters.passwords_argon2 import Argon2Passwords
from app.adapters.queue_rq import RqQueue
from app.adapters.reach_http import HttpReach
from app.adapters.sound_ffmpeg import FfmpegSound
from app.adapters.speech_by_kind import SpeechByKind
from app.adapters.transcription_by_kind import TranscriptionByKind
from app.adapters.video_by_kind import VideoByKind
from app.core.clock import Clock, SystemClock
from app.core.crypto import load_master_key
from app.core.db import Database
from app.core.errors import Unavailable
from app.core.ports import Blobs, Cdn, Ports
from app.core.settings import Settings
from app.llm.installation import installation_providers


def build_ports(settings: Settings, *, clock: Clock | None = None) -> Ports:
    """Return the outside world for `settings`; the data folder is made, mode 0700, where there is none.

    Raises:
        PermissionError: the master key file can be read by others.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.data_dir.chmod(0o700)
    clock = clock or SystemClock()
    limiter = MemoryLimiter(clock)
    key_file = settings.master_key_file or settings.data_dir / "master.key"
    return Ports(
        settings=settings,
        db=Database(settings.sql_url, master_key=load_master_key(key_file)),
        models=ModelsByKind(
            embedded=EmbeddedModels(pieces_per_s=settings.writer_pieces_per_s),
            lane=LaneModels(),
            library=LiteLLMModels(),
            needs_library=lambda: _installation_needs_library(settings),
        ),
        blobs=_blobs(settings),
        clock=clock,
        passwords=Argon2Passwords(),
        limiter=RedisLimiter(settings.redis_url, meanwhile=limiter) if settings.redis_url else limiter,
        embeddings=WordLlamaEmbeddings(),
        reach=HttpReach(),
        queue=RqQueue(settings.bell_url),
        bus=RedisBus(settings.bell_url),
        images=ImagesByKind(),
        speech=SpeechByKind(),
        transcription=TranscriptionByKind(),
        video=VideoByKind(),
        sound_tools=FfmpegSound(),
        media_tools=LimitedMediaTools(),
        cdn=_cdn(settings),
    )


def _installation_needs_library(settings: Settings) -> bool:
    try:
        providers = installation_providers(settings)
    except Unavailable:  # told where the providers are listed
        return False
    return any(needs_library(provider.kind, provider.options.lane) for provider in providers)


def _blobs(settings: Settings) -> Blobs:
    first: Blobs = DiskBlobs(settings.data_dir / "blobs")
    if settings.blobs_url:
        first = ObjectBlobs(settings.blobs_url, options=settings.blobs_options)
    if not settings.blobs_copy_url:
        return first
    return CopiedBlobs(first, ObjectBlobs(settings.blobs_copy_url, options=settings.blobs_copy_options))


def _cdn(settings: Settings) -> Cdn | None:
    if not settings.cdn_url or settings.cdn_key_file is None:
        return None
    return CloudFrontCdn(
        settings.cdn_url,
        key_id=settings.cdn_key_id,
        key_file=settings.cdn_key_file,
        distribution=settings.cdn_distribution,
    )
