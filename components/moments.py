"""Moments inside sentences: `T("…until {time}.", time=clock(row.until))`."""

from __future__ import annotations

import reflex as rx
from reflex.vars import VarData
from reflex_base.utils.imports import ImportVar

_HOOK = VarData(
    imports={"$/public/js/moments": [ImportVar(tag="useClock")]}, hooks={"const clock_ = useClock();": None}
)


def clock(iso: rx.Var[str]) -> rx.Var[str]:
    """Return a moment in the reader's own time zone, the time alone where it is today's; "" for none."""
    data = VarData.merge(iso._get_all_var_data(), _HOOK)
    return rx.Var(_js_expr=f"clock_({iso!s})", _var_type=str, _var_data=data).to(str)
