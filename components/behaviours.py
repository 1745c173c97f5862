"""What happens in the browser alone: functions of our own small modules under assets/js,
called without a round trip.
"""

from __future__ import annotations

import reflex as rx
from reflex.vars import VarData
from reflex.vars.function import FunctionVar
from reflex_base.utils.imports import ImportVar


def client(module: str, function: str, *args: object) -> rx.Var:
    """Return a handler that calls `function` of assets/js/`module`.js with `args` (Vars or plain values), then what
    Reflex tells of the event: the value for a change, the key for a key, the pointer for a click.
    """
    values = [rx.Var.create(arg) for arg in args]
    data = VarData.merge(
        *[value._get_all_var_data() for value in values],
        VarData(imports={f"$/public/js/{module}": [ImportVar(tag=function)]}),
    )
    given = ",".join([*(str(value) for value in values), "told_"])
    return rx.Var(_js_expr=f"((told_) => {function}({given}))", _var_type=FunctionVar, _var_data=data).to(FunctionVar)
