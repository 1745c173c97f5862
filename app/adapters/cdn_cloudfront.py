"""Blobs through CloudFront: links signed for a time, and copies at the edge forgotten when a blob is deleted.

The distribution's origin is the bucket of GALLEY_BLOBS_URL with the same prefix as its path; its behaviour restricts
viewers to the key group of GALLEY_CDN_KEY_ID. Credentials for invalidations are the machine's own (boto3's chain).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.core.errors import Unavailable
from app.core.ids import new_id

MOST_PATHS = 1000
"""Of one invalidation; CloudFront takes 3,000 at a time of all that run (AWS quotas, 2026-11)."""


class CloudFrontCdn:
    """One distribution."""

    def __init__(
        self, base_url: str, *, key_id: str, key_file: Path, distribution: str, options: Mapping[str, str] | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._key_id = key_id
        self._key_file = key_file
        self._distribution = distribution
        self._options = dict(options or {})

    def link(self, key: str, *, until: datetime) -> str:
        """Return the address of a blob, signed to work until that moment."""
        url = f"{self._base_url}/{quote(key)}"
        signed: str = self._signer.generate_presigned_url(url, date_less_than=until)
        return signed

    async def forget(self, keys: Sequence[str]) -> None:
        """Have the edges drop their copies of these blobs.

        Raises:
            Unavailable: CloudFront does not take the request.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        for at in range(0, len(keys), MOST_PATHS):
            paths = [f"/{quote(key)}" for key in keys[at : at + MOST_PATHS]]
            batch = {"Paths": {"Quantity": len(paths), "Items": paths}, "CallerReference": str(new_id())}
            try:
                await asyncio.to_thread(
                    self._client.create_invalidation, DistributionId=self._distribution, InvalidationBatch=batch
                )
            except (BotoCoreError, ClientError) as error:
                raise Unavailable("The CDN does not answer right now.", code="storage.cdn") from error

    @cached_property
    def _client(self) -> Any:  # Any: boto3 makes its clients at run time
        import boto3

        return boto3.client("cloudfront", **{"region_name": "us-east-1", **self._options})

    @cached_property
    def _signer(self) -> Any:  # Any: botocore has no types
        from botocore.signers import CloudFrontSigner

        return CloudFrontSigner(self._key_id, self._sign)

    @cached_property
    def _sign(self) -> Callable[[bytes], bytes]:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding, rsa
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        key = load_pem_private_key(self._key_file.read_bytes(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError("GALLEY_CDN_KEY_FILE must be an RSA key: CloudFront's key groups know no other here")
        # RSA-SHA1 is what CloudFront checks (Amazon CloudFront developer guide, "Code and examples for signed URLs").
        return lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
