"""Signing up and in."""

from app.core.context import Context
from app.core.ports import Ports
from app.tenancy import demo, sessions


async def test_who_signs_up_is_signed_in(ports: Ports, sign_up) -> None:
    signed_in = await sign_up("ana@bright-ideas.co.uk", name="Ana")

    assert await sessions.resolve(ports, token=signed_in.token) == signed_in.principal
    assert signed_in.principal.tenant_name == "Bright Ideas"


async def test_a_demo_is_one_call(ports: Ports, nobody: Context) -> None:
    signed_in = await demo.start(nobody, address="192.0.2.1")

    assert await sessions.resolve(ports, token=signed_in.token) == signed_in.principal


async def test_x(two_tenants) -> None:
    a, b = two_tenants
    assert a.tenant_id != b.tenant_id
