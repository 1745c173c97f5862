"""An AWS of the tests' own (moto, a server on loopback), real enough for the SDKs: buckets and distributions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.adapters.blobs_object import ObjectBlobs

ACCESS = {"access_key_id": "AKIATEST", "secret_access_key": "secret"}


@dataclass(frozen=True)
class Aws:
    """A running server."""

    endpoint: str

    @property
    def options(self) -> dict[str, str]:
        """What leads boto3 here."""
        return {
            "endpoint_url": self.endpoint,
            "region_name": "us-east-1",
            "aws_access_key_id": ACCESS["access_key_id"],
            "aws_secret_access_key": ACCESS["secret_access_key"],
        }

    def client(self, service: str) -> Any:  # Any: boto3 makes its clients at run time
        """Return boto3's client of a service."""
        import boto3

        return boto3.client(service, **self.options)


@dataclass(frozen=True)
class Bucket:
    """An empty bucket."""

    aws: Aws
    name: str

    def blobs(self, prefix: str = "galley") -> ObjectBlobs:
        """Return the adapter for a prefix of it."""
        return ObjectBlobs(
            f"s3://{self.name}/{prefix}",
            options={"endpoint": self.aws.endpoint, "region": "us-east-1", **ACCESS},
        )
