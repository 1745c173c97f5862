"""What only an object store, a second bucket and a CDN have."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from app.adapters.blobs_copied import CopiedBlobs
from app.adapters.blobs_disk import DiskBlobs
from app.adapters.blobs_object import ObjectBlobs
from app.adapters.cdn_cloudfront import CloudFrontCdn
from app.core.errors import NotFound, Unavailable
from app.core.ports import Blobs
from tests.contracts.aws import ACCESS, Aws, Bucket

MB = 1_000_000
AWAY = {"endpoint": "http://127.0.0.1:9", "region": "us-east-1", **ACCESS}


async def _chunks(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def _all(blobs: Blobs, key: str) -> bytes:
    return b"".join([chunk async for chunk in blobs.read(key)])


async def test_a_large_object_is_sent_in_parts_and_read_back(bucket: Bucket) -> None:
    sent = [bytes([number]) * MB for number in range(13)]

    assert await bucket.blobs().put("t/a", _chunks(*sent)) == 13 * MB
    assert await _all(bucket.blobs(), "t/a") == b"".join(sent)


async def test_a_large_object_whose_sender_breaks_off_leaves_nothing(bucket: Bucket) -> None:
    async def broken() -> AsyncIterator[bytes]:
        for _ in range(8):
            yield b"x" * MB
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await bucket.blobs().put("t/a", broken())
    s3 = bucket.aws.client("s3")

    assert s3.list_objects_v2(Bucket=bucket.name).get("Contents") is None
    assert s3.list_multipart_uploads(Bucket=bucket.name).get("Uploads") is None


async def test_the_store_says_what_an_object_is_and_never_shows_it_as_a_page(bucket: Bucket) -> None:
    await bucket.blobs().put("t/a", _chunks(b"x"), media_type="image/png")
    head = bucket.aws.client("s3").head_object(Bucket=bucket.name, Key="galley/t/a")

    assert (head["ContentType"], head["ContentDisposition"]) == ("image/png", "attachment")


async def test_prefixes_of_one_bucket_are_strangers(bucket: Bucket) -> None:
    await bucket.blobs("one").put("t/a", _chunks(b"x"))

    with pytest.raises(NotFound):
        await _all(bucket.blobs("two"), "t/a")


async def test_a_store_that_is_away_is_told(bucket: Bucket) -> None:
    away = ObjectBlobs(f"s3://{bucket.name}", options=AWAY)
    for attempt in (away.put("t/a", _chunks(b"x")), away.delete("t/a"), away.ping(), _all(away, "t/a")):
        with pytest.raises(Unavailable) as refused:
            await attempt
        assert refused.value.code == "storage.unavailable"


async def test_a_bucket_that_does_not_exist_fails_the_ping(aws: Aws) -> None:
    options = {"endpoint": aws.endpoint, "region": "us-east-1", **ACCESS}
    with pytest.raises(Unavailable):
        await ObjectBlobs("s3://nowhere-at-all", options=options).ping()


async def test_the_second_bucket_has_a_copy_and_serves_it_when_the_first_lost_it(
    tmp_path: Path, bucket: Bucket
) -> None:
    first = DiskBlobs(tmp_path)
    both = CopiedBlobs(first, bucket.blobs())
    await both.put("t/a", _chunks(b"kept twice"))
    await first.delete("t/a")

    assert await _all(both, "t/a") == b"kept twice"


async def test_what_was_deleted_is_gone_from_both(tmp_path: Path, bucket: Bucket) -> None:
    both = CopiedBlobs(DiskBlobs(tmp_path), bucket.blobs())
    await both.put("t/a", _chunks(b"x"))
    await both.delete("t/a")

    with pytest.raises(NotFound):
        await _all(bucket.blobs(), "t/a")


async def test_a_second_bucket_that_is_away_keeps_nobody_from_writing(tmp_path: Path) -> None:
    both = CopiedBlobs(DiskBlobs(tmp_path), ObjectBlobs("s3://away", options=AWAY))

    assert await both.put("t/a", _chunks(b"x")) == 1
    assert await _all(both, "t/a") == b"x"
    await both.ping()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A private key as CloudFront takes it."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path = tmp_path / "cdn.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def test_a_link_to_the_cdn_carries_its_end_and_a_signature_that_the_public_key_checks(key_file: Path) -> None:
    import base64

    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    until = datetime(2026, 12, 1, tzinfo=UTC)
    cdn = CloudFrontCdn("https://cdn.example.com/", key_id="K1", key_file=key_file, distribution="E1")
    link = urlsplit(cdn.link("t/sha256/ab", until=until))
    query = parse_qs(link.query)
    plain = query["Signature"][0].replace("-", "+").replace("_", "=").replace("~", "/")
    policy = (
        '{"Statement":[{"Resource":"https://cdn.example.com/t/sha256/ab",'
        f'"Condition":{{"DateLessThan":{{"AWS:EpochTime":{int(until.timestamp())}}}}}}}]}}'
    )

    assert (link.hostname, link.path) == ("cdn.example.com", "/t/sha256/ab")
    assert (query["Expires"], query["Key-Pair-Id"]) == ([str(int(until.timestamp()))], ["K1"])
    public = load_pem_private_key(key_file.read_bytes(), password=None).public_key()
    public.verify(base64.b64decode(plain), policy.encode(), padding.PKCS1v15(), hashes.SHA1())


async def test_the_edges_are_told_to_forget(aws: Aws, key_file: Path) -> None:
    made = aws.client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": "test",
            "Comment": "",
            "Enabled": True,
            "Origins": {
                "Quantity": 1,
                "Items": [
                    {
                        "Id": "o",
                        "DomainName": "bucket.s3.us-east-1.amazonaws.com",
                        "S3OriginConfig": {"OriginAccessIdentity": ""},
                    }
                ],
            },
            "DefaultCacheBehavior": {
                "TargetOriginId": "o",
                "ViewerProtocolPolicy": "https-only",
                "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
                "MinTTL": 0,
            },
        }
    )["Distribution"]["Id"]
    cdn = CloudFrontCdn(
        "https://cdn.example.com", key_id="K1", key_file=key_file, distribution=made, options=aws.options
    )
    await cdn.forget(["t/sha256/ab", "t/sha256/c d"])
    client = aws.client("cloudfront")
    listed = client.list_invalidations(DistributionId=made)["InvalidationList"]["Items"]
    told = client.get_invalidation(DistributionId=made, Id=listed[0]["Id"])["Invalidation"]["InvalidationBatch"]

    assert told["Paths"]["Items"] == ["/t/sha256/ab", "/t/sha256/c%20d"]


async def test_a_cdn_that_is_away_is_told(key_file: Path) -> None:
    options = {
        "endpoint_url": "http://127.0.0.1:9",
        "aws_access_key_id": "a",
        "aws_secret_access_key": "b",
    }
    cdn = CloudFrontCdn("https://cdn.example.com", key_id="K", key_file=key_file, distribution="E", options=options)
    with pytest.raises(Unavailable) as refused:
        await cdn.forget(["t/a"])

    assert refused.value.code == "storage.cdn"
