"""The drawing of spend by day: plain SVG. Columns are strips that can be pressed; their colours lie over them as one
path per feature, so that a month is about forty elements.
"""

from __future__ import annotations

import reflex as rx

from components.i18n import T, isolated
from components.usage_words import Press, charged, date_words, feature_name
from state.usage import UsageState
from state.usage_chart import PHONE, WIDE, Chart, Column, Frame, GridLine, Layer
from state.usage_month import OTHER

svg = rx.el.svg
Place = float | rx.Var
WIDE_BOX, PHONE_BOX = (1132, 300), (343, 220)


def wide_chart() -> rx.Component:
    """Return the drawing for a desk."""
    chart = UsageState.wide
    return _drawing(
        chart,
        WIDE,
        WIDE_BOX,
        "wide-chart",
        rx.cond(chart.pace_y > 0, svg.text(_pace_words(), **_at(x=WIDE.start + 2, y=chart.pace_y - 7))),
        rx.foreach(chart.columns, _chosen_words),
        rx.foreach(chart.layers, _layer_label),
    )


def phone_chart() -> rx.Component:
    """Return the drawing for a phone, and under it what the labels say on a desk."""
    chart = UsageState.phone
    return rx.fragment(
        _drawing(chart, PHONE, PHONE_BOX, "phone-chart"),
        rx.el.ul(
            rx.foreach(chart.layers, _layer_row),
            rx.cond(chart.pace_y > 0, rx.el.li(rx.el.span(class_name="key pace"), _pace_words())),
            class_name="phone-only small layer-rows",
        ),
    )


def _drawing(chart: rx.Var[Chart], frame: Frame, box: tuple[int, int], name: str, *over: rx.Component) -> rx.Component:
    width, height = box
    return svg(
        rx.foreach(chart.lines, lambda line: _grid_line(line, frame)),
        rx.foreach(chart.columns, lambda column: _strip(column, frame, height)),
        rx.foreach(chart.layers, _layer_path),
        svg.path(d=chart.ahead, class_name="ahead"),
        _line(frame.start, frame.end, frame.ground, "ground"),
        rx.cond(chart.pace_y > 0, _line(frame.start, frame.end, chart.pace_y, "pace")),
        *over,
        view_box=f"0 0 {width} {height}",
        class_name=f"chart {name}",
        role="group",
        aria_label=T(
            "usage.chart_label",
            "Spend by day in {month}, stacked by feature: {amount} in all. Each day opens its calls.",
            month=date_words(UsageState.month, "only"),
            amount=isolated(UsageState.spent),
        ),
    )


def _at(**places: Place) -> dict[str, str | rx.Var[int]]:
    """Return places in the drawing as SVG takes them; Reflex knows of whole ones only."""
    return {name: place.to(int) if isinstance(place, rx.Var) else f"{place:g}" for name, place in places.items()}


def _line(start: Place, end: Place, y: Place, name: str) -> rx.Component:
    return svg.line(**_at(x1=start, x2=end, y1=y, y2=y), class_name=name)


def _grid_line(line: rx.Var[GridLine], frame: Frame) -> rx.Component:
    return svg.g(
        _line(frame.start, frame.end, line.y, "grid"),
        svg.text(line.amount, **_at(x=frame.start - 8, y=line.y + 4), class_name="m e"),
    )


def _strip(column: rx.Var[Column], frame: Frame, height: int) -> rx.Component:
    chosen = UsageState.chosen_day == column.day
    number = rx.cond(
        column.numbered | chosen,
        svg.text(
            column.number,
            **_at(x=column.middle, y=frame.ground + 18),
            class_name=rx.cond(chosen, "c on", "m c"),
        ),
    )
    ground = svg.rect(**_at(x=column.x, y=4, width=column.width, height=height - 4), class_name="bg")
    press = Press.create(
        ground,
        number,
        label=T(
            "usage.day_label",
            {"one": "{day}: {amount}, {n} call", "other": "{day}: {amount}, {n} calls"},
            day=date_words(column.day, "day"),
            amount=charged(column.amount),
            n=column.calls,
        ),
        pressed=chosen,
        class_name=rx.cond(chosen, "day on", "day"),
        on_press=UsageState.open_calls("day", column.day),
    )
    return rx.cond(column.ahead, svg.g(number), press)


def _layer_path(layer: rx.Var[Layer]) -> rx.Component:
    return svg.path(d=layer.path, class_name="layer t" + layer.tone.to(str))


def _chosen_words(column: rx.Var[Column]) -> rx.Component:
    """The day and its amount beside the chosen column; past the middle they stand before it."""
    late = column.middle > (WIDE.start + WIDE.end) * 0.75
    x = rx.cond(late, column.x - 2, column.x + column.width + 2)
    mostly = T(
        "usage.calls_mostly",
        {"one": "{n} call, {feature}", "other": "{n} calls, mostly {feature}"},
        n=column.calls,
        feature=feature_name(column.mostly),
    )
    counted = T("usage.calls", {"one": "{n} call", "other": "{n} calls"}, n=column.calls)
    calls = rx.cond(column.mostly != "", mostly, counted)
    return rx.cond(
        UsageState.chosen_day == column.day,
        svg.g(
            svg.text(
                T(
                    "usage.day_amount",
                    "{day}, {amount}",
                    day=date_words(column.day, "day"),
                    amount=charged(column.amount),
                ),
                **_at(x=x, y=32.9),
                class_name=rx.cond(late, "e", ""),
            ),
            svg.text(calls, **_at(x=x, y=48.9), class_name=rx.cond(late, "m e", "m")),
        ),
    )


def _layer_label(layer: rx.Var[Layer]) -> rx.Component:
    x = WIDE.labels_x
    chosen = UsageState.chosen_feature == layer.feature
    words = (
        svg.rect(**_at(x=x - 8, y=layer.label_y - 16, width=108, height=36), class_name="bg"),
        svg.rect(**_at(x=x, y=layer.label_y - 12, width=3, height=28), class_name="key t" + layer.tone.to(str)),
        svg.text(feature_name(layer.feature), **_at(x=x + 9, y=layer.label_y), class_name="b"),
        # The space is not drawn: it keeps the two words apart where they are read as one.
        svg.text(" ", charged(layer.amount), **_at(x=x + 9, y=layer.label_y + 16), class_name="m"),
    )
    press = Press.create(
        *words,
        label=_feature_words(layer),
        pressed=chosen,
        class_name=rx.cond(chosen, "day on", "day"),
        on_press=UsageState.open_calls("feature", layer.feature),
    )
    return rx.cond(layer.feature == OTHER, svg.g(*words), press)


def _layer_row(layer: rx.Var[Layer]) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            rx.el.span(class_name="key t" + layer.tone.to(str)),
            feature_name(layer.feature),
            rx.el.span(class_name="grow"),
            rx.el.span(charged(layer.amount), class_name="num"),
            type="button",
            disabled=layer.feature == OTHER,
            aria_pressed=rx.cond(UsageState.chosen_feature == layer.feature, "true", "false"),
            on_click=UsageState.open_calls("feature", layer.feature),
        )
    )


def _feature_words(layer: rx.Var[Layer]) -> rx.Var[str]:
    return T(
        "usage.feature_label", "{feature}: {amount}", feature=feature_name(layer.feature), amount=charged(layer.amount)
    )


def _pace_words() -> rx.Var[str]:
    return T("usage.pace", "budget pace, {amount} a day", amount=isolated(UsageState.pace))
