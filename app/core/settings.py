"""Settings: environment variables with the prefix GALLEY_, each described in docs/settings.md."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

SOCKET_PATH_LIMIT = 100
"""A socket's path has 104 bytes on some systems (sockaddr_un), with its end."""


class Settings(BaseSettings):
    """What an operator can choose. Read once, by the composition root; nothing else looks at the environment."""

    model_config = SettingsConfigDict(env_prefix="GALLEY_", extra="ignore", frozen=True)

    host: str = Field(default="127.0.0.1", description="Address the web process listens on.")
    port: int = Field(default=3000, ge=1, le=65535, description="Port of the web process.")
    data_dir: Path = Field(default=Path(".data"), description="Where everything that is kept lies; mode 0700.")
    database_url: str = Field(
        default="",
        description="postgresql+asyncpg://… of the application role; empty: SQLite in the data folder.",
    )
    database_owner_url: str = Field(
        default="",
        description="PostgreSQL URL of the role that owns the tables; used by migrations only. Empty: database_url.",
    )
    public_url: str = Field(
        default="", description="The address people use, e.g. https://studio.example.com; empty: http://localhost:PORT."
    )
    allowed_origins: list[str] = Field(
        default_factory=list, description="More origins that may open the socket or send forms, besides public_url."
    )
    master_key_file: Path | None = Field(
        default=None, description="File with the 32-byte key that wraps every data key; empty: made in the data folder."
    )
    providers_file: Path | None = Field(
        default=None, description="TOML file with model providers for every workspace of this installation."
    )
    allow_local_providers: bool | None = Field(
        default=None,
        description="May a workspace use a provider at an inside address? Empty: only while public_url is loopback.",
    )
    signup: bool = Field(default=True, description="May people make an account by themselves?")
    demo: bool = Field(default=True, description="May people try a demo workspace without an account?")
    demo_hours: int = Field(default=24, ge=1, le=720, description="How long a demo workspace lives.")
    demo_runs: int = Field(default=50, ge=1, description="How many runs a demo workspace may make.")
    demo_workspaces: int = Field(default=500, ge=1, description="How many demo workspaces may live at once.")
    session_days: int = Field(default=14, ge=1, le=365, description="How long a sign-in lasts without use.")
    max_body_kb: int = Field(default=1024, ge=16, description="Largest JSON body, in KiB.")
    max_upload_mb: int = Field(default=10, ge=1, description="Largest uploaded file, in MiB.")
    max_media_mb: int = Field(default=100, ge=1, description="Largest picture, sound or clip, in MiB.")
    storage_quota_mb: int = Field(default=1024, ge=1, description="Files and media per workspace, in MiB.")
    blobs_url: str = Field(
        default="", description="s3://…, gs://… or az://… bucket with a prefix for files; empty: the data folder."
    )
    blobs_options: dict[str, str] = Field(
        default_factory=dict, repr=False, description="Options of that store: endpoint, region, keys."
    )
    blobs_copy_url: str = Field(default="", description="A second bucket that gets a copy of every file.")
    blobs_copy_options: dict[str, str] = Field(
        default_factory=dict, repr=False, description="Options of the second bucket."
    )
    cdn_url: str = Field(default="", description="CloudFront address in front of the bucket; empty: no CDN.")
    cdn_key_id: str = Field(default="", description="Id of the public key that checks signed links at the CDN.")
    cdn_key_file: Path | None = Field(default=None, description="PEM file of the private key to it.")
    cdn_distribution: str = Field(default="", description="Id of the distribution, for invalidations.")
    link_hours: int = Field(
        default=24, ge=1, le=24 * 30, description="How long a link to an asset works, unless less is asked for."
    )
    deleted_days: int = Field(
        default=30, ge=1, le=3650, description="How many days a deleted document or asset can be brought back."
    )
    jobs_at_once: int = Field(
        default=4, ge=1, le=1000, description="Background jobs that one workspace may have started, per queue."
    )
    drain_s: float = Field(
        default=5, ge=0, le=86_400, description="How long a worker that is told to stop lets running jobs go on."
    )
    worker_hands: int = Field(
        default=0, ge=0, le=64, description="Jobs that one worker runs at once; 0: as many as there are processors."
    )
    worker_metrics_port: int = Field(
        default=0, ge=0, le=65_535, description="Port on which a worker tells Prometheus its figures; 0: it does not."
    )
    worker_metrics_host: str = Field(default="127.0.0.1", description="Address for that port.")
    jobs_kept_days: int = Field(default=30, ge=1, le=3650, description="How many days an ended job is listed.")
    requests_per_minute: int = Field(default=600, ge=1, description="Requests per minute and person or key.")
    runs_per_minute: int = Field(default=60, ge=1, description="Runs per minute and person or key.")
    flat_price: int = Field(
        default=20_000, ge=1, description="Micro-dollars booked for a call to a model whose price is unknown."
    )
    connect_timeout_s: float = Field(default=5, gt=0, description="Longest wait for a connection to a provider.")
    first_token_timeout_s: float = Field(
        default=30, gt=0, description="Longest wait for a provider's first token, when nobody else can be asked."
    )
    idle_timeout_s: float = Field(default=15, gt=0, description="Longest silence of a provider in mid-text.")
    call_timeout_s: float = Field(default=900, gt=0, description="Longest time that one provider may write one text.")
    hedge_after_ms: int = Field(
        default=2000,
        ge=1,
        description="How long a provider is waited for before another is asked alongside, until its pace is known.",
    )
    writer_pieces_per_s: int = Field(
        default=60, ge=0, description="Pace of the built-in writer in pieces per second; 0: as fast as it can."
    )
    redis_url: str = Field(
        default="",
        description="redis:// or rediss:// URL of a Redis of your own; empty: `python3 -m app` starts one by itself.",
    )
    metrics_token: str = Field(
        default="", repr=False, description="Bearer token for /metrics; empty: loopback callers only."
    )
    log_level: str = Field(default="info", description="debug, info, warning or error.")

    @property
    def address(self) -> str:
        """The address people use, without a slash at the end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def is_https(self) -> bool:
        """Whether people reach this installation through TLS."""
        return urlsplit(self.address).scheme == "https"

    @property
    def is_loopback(self) -> bool:
        """Whether people reach this installation on the machine itself only."""
        return urlsplit(self.address).hostname in {"localhost", "127.0.0.1", "::1"}

    @property
    def origins(self) -> frozenset[str]:
        """Origins that may open the socket and send unsafe requests, exactly."""
        own = {self.address}
        if self.is_loopback:
            port = urlsplit(self.address).port or self.port
            own |= {f"http://{name}:{port}" for name in ("localhost", "127.0.0.1", "[::1]")}
        return frozenset(own | {origin.rstrip("/") for origin in self.allowed_origins})

    @property
    def cookie_name(self) -> str:
        """Name of the session cookie; the `__Host-` prefix needs TLS."""
        return "__Host-sid" if self.is_https else "galley_sid"

    @property
    def sql_url(self) -> str:
        """SQLAlchemy URL of the application's own role."""
        return self.database_url or f"sqlite+aiosqlite:///{(self.data_dir / 'galley.db').resolve()}"

    @property
    def redis_socket(self) -> Path:
        """Where the Redis that `python3 -m app` starts can be reached: in a folder that only its owner may enter.

        In the data folder, or, where that path is longer than a socket's may be, in the system's folder for such.
        """
        inside = self.data_dir.resolve() / "redis" / "redis.sock"
        if len(str(inside)) <= SOCKET_PATH_LIMIT:
            return inside
        digest = hashlib.sha256(str(inside).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"galley-{os.getuid()}-{digest}" / "redis.sock"

    @property
    def bell_url(self) -> str:
        """The Redis that wakes workers up and tells tabs: the operator's, or the one that runs along."""
        return self.redis_url or f"unix://{self.redis_socket}"

    @property
    def local_providers_allowed(self) -> bool:
        """Whether a workspace may point a provider at an inside address."""
        return self.is_loopback if self.allow_local_providers is None else self.allow_local_providers


def load_settings() -> Settings:
    """Return the settings as the environment gives them now."""
    return Settings()
