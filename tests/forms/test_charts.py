"""Shares as bars: how long, and where the least lies."""

from __future__ import annotations

from forms.charts import Bar, bars_of
from forms.compile import compile_form
from tests.schemas.reading import compiled


def test_a_share_is_drawn_beside_its_pass_line_and_what_is_missing_is_not() -> None:
    model = compile_form(compiled("inspection_report"))
    measure = {"accuracy_rate": "0.982", "timeliness_rate": "1"}

    bars = bars_of(model, {"measure": measure})

    assert bars == (Bar("准确率", "98.2%", 982, "99%", 990), Bar("及时率", "100%", 1000, "95%", 950))
    assert [bar.is_reached for bar in bars] == [False, True]


def test_a_form_without_charts_draws_none() -> None:
    assert bars_of(compile_form(compiled()), {}) == ()
