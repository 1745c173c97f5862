"""/api/v1/prices: what models cost, for the operators of an installation. A price holds from its day on."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.door import Ctx, DoorRoute
from app.api.scopes import signed_in
from app.api.shapes import AddressId, Page
from app.usage import price_list
from app.usage.price_list import PriceForm, PriceView

router = APIRouter(prefix="/api/v1/prices", tags=["prices"], route_class=DoorRoute)


@router.get("")
@signed_in
async def list_prices(ctx: Ctx) -> Page[PriceView]:
    """List every price by kind and model, in micro-dollars per million tokens. Operators only."""
    return Page(items=await price_list.list_all(ctx))


@router.post("", status_code=201)
@signed_in
async def add_price(ctx: Ctx, body: PriceForm) -> PriceView:
    """Set a model's price from a day on; it goes before the shipped one. Operators only."""
    return await price_list.add(ctx, form=body)


@router.delete("/{price_id}", status_code=204)
@signed_in
async def delete_price(ctx: Ctx, price_id: AddressId) -> None:
    """Take a price away; what held before holds again. Operators only."""
    await price_list.delete(ctx, price_id=price_id)
