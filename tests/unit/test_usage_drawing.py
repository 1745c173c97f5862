"""Money in words, and the drawings of the usage pages: what is high, what is stacked on what, who makes the cost."""

from __future__ import annotations

import re
from datetime import date

import pytest

from state import money
from state.usage_chart import PHONE, WIDE, Chart, DaySpend, draw
from state.usage_curve import draw_curve

DOLLAR = 1_000_000
ORDER = ("generation", "media")


def month(*days: dict[str, int], **more: object) -> Chart:
    spent = [DaySpend(date(2026, 11, at), features, calls=len(features)) for at, features in enumerate(days, start=1)]
    return draw(spent, order=ORDER, frame=WIDE, **more)  # type: ignore[arg-type]


def heights(path: str) -> list[float]:
    return [float(height) for height in re.findall(r"h[\d.]+v([\d.]+)", path)]


@pytest.mark.parametrize(
    ("micros", "words"),
    [(0, "$0.0000"), (12, "$0.000012"), (6200, "$0.0062"), (440_000, "$0.4400"), (4_200_000, "$4.20")],
)
def test_a_price_keeps_the_figures_that_a_call_has(micros: int, words: str) -> None:
    assert money.price(micros) == words


@pytest.mark.parametrize(
    ("micros", "words"),
    [(0, "$0.00"), (9_900, "$0.0099"), (10_000, "$0.01"), (1_212_404_000, "$1,212.40"), (-DOLLAR, "−$1.00")],
)
def test_a_sum_has_cents_unless_it_is_less_than_one(micros: int, words: str) -> None:
    assert money.total(micros) == words


def test_limits_estimates_and_bounds_have_no_idle_figures() -> None:
    assert [money.limit(400 * DOLLAR), money.limit(12_500_000)] == ["$400", "$12.50"]
    assert [money.about(271_340_000), money.about(3_210_000)] == ["$271", "$3.21"]
    assert [money.bound(3_000), money.bound(51_234), money.bound(1_240_000)] == ["$0.003", "$0.051", "$1.20"]


@pytest.mark.parametrize(
    ("typed", "micros"),
    [("400", 400 * DOLLAR), ("$1,250.50", 1_250_500_000), ("0,5", 500_000), ("١٢", 12 * DOLLAR)]
    + [(nonsense, None) for nonsense in ("", "-1", "1e3", "abc", "1.2.3", "9" * 12, "$", "0x10", "NaN")],
)
def test_an_amount_is_read_as_people_type_it_and_nonsense_is_none(typed: str, micros: int | None) -> None:
    assert money.micros_of(typed) == micros


def test_a_column_is_as_high_as_its_share_of_the_scale() -> None:
    chart = month({"generation": 10 * DOLLAR}, {"generation": 20 * DOLLAR})

    low, high = heights(chart.layers[0].path)
    assert high == pytest.approx(2 * low, abs=1.5)
    assert [line.amount for line in chart.lines] == ["$0", "$10", "$20"]
    assert chart.lines[-1].y == WIDE.top


def test_features_stand_on_each_other_in_their_order() -> None:
    chart = month({"generation": 10 * DOLLAR, "media": 5 * DOLLAR})
    grounds = [float(re.findall(r"M[\d.]+ ([\d.]+)", layer.path)[0]) for layer in chart.layers]

    assert grounds[0] > grounds[1]
    assert grounds[0] - grounds[1] == pytest.approx(heights(chart.layers[0].path)[0] + 1, abs=0.2)
    assert [(layer.feature, layer.tone, layer.amount) for layer in chart.layers] == [
        ("generation", 1, "$10.00"),
        ("media", 2, "$5.00"),
    ]


def test_the_pace_and_the_days_ahead_fit_into_the_drawing() -> None:
    chart = month({"generation": DOLLAR}, {}, pace_micros=40 * DOLLAR, ahead=[30 * DOLLAR])

    assert WIDE.top <= chart.pace_y < WIDE.ground
    assert len(heights(chart.ahead)) == 1
    assert [column.ahead for column in chart.columns] == [False, True]


def test_a_month_without_any_cost_is_drawn_too() -> None:
    chart = month({}, {})

    assert [layer.path for layer in chart.layers] == ["", ""]
    assert len(chart.columns) == 2
    assert chart.pace_y == 0


def test_a_feature_is_named_where_it_cost_more_than_all_others() -> None:
    chart = month({"generation": 10, "media": 90}, {"generation": 50, "media": 50}, {"generation": 9})

    assert [column.mostly for column in chart.columns] == ["media", "", ""]


def test_a_phone_numbers_every_fifth_day() -> None:
    days = [DaySpend(date(2026, 11, at), {"generation": at}, calls=1) for at in range(1, 31)]
    chart = draw(days, order=ORDER, frame=PHONE)

    assert [column.number for column in chart.columns if column.numbered] == ["1", "5", "10", "15", "20", "25", "30"]


def test_the_curve_marks_how_few_make_most_of_the_cost() -> None:
    curve = draw_curve([(0.0, 0.0), (0.92, 0.48), (1.0, 1.0)], top_percent=8, top_cost_percent=52)

    assert (curve.people, curve.cost) == ("8%", "52%")
    assert curve.path == "M0.0 280.0L257.6 145.6L280.0 0.0"
    assert (curve.x, curve.y) == (257.6, 145.6)


def test_without_cost_there_is_no_curve() -> None:
    assert draw_curve([(0, 0), (1, 1)], top_percent=0, top_cost_percent=0).path == ""


@pytest.mark.parametrize(
    ("micros", "words"), [(250_000, "$0.25"), (3_000_000, "$3.00"), (75_000, "$0.075"), (1_234_500_000, "$1,234.50")]
)
def test_a_rate_has_cents_at_least(micros: int, words: str) -> None:
    assert money.rate(micros) == words
