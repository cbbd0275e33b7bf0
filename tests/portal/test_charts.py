"""Charts: coordinates stay inside, mirror for right-to-left, and grid lines are round numbers."""

import pytest

from portal.kit.charts import Columns, Line, column_charts, line_charts, nice_step


def test_column_charts_mirror_for_right_to_left() -> None:
    series = Columns(["a", "b", "c"], [10, 50, 90], target=60, unit="%", highest=100)
    for plain, mirrored in zip(column_charts(series), column_charts(series, is_rtl=True), strict=True):
        for bar, other in zip(plain["bars"], mirrored["bars"], strict=True):
            assert bar["text_x"] + other["text_x"] == pytest.approx(plain["width"], abs=0.2)
            assert bar["height"] == other["height"]
        assert [bar["is_missed"] for bar in plain["bars"]] == [True, True, False]
        heights = [bar["height"] for bar in plain["bars"]]
        assert heights == sorted(heights)
        assert all(bar["x"] >= 0 and bar["x"] + bar["width"] <= plain["width"] for bar in plain["bars"])


def test_a_curve_stays_inside_and_marks_its_cliffs() -> None:
    line = Line([(0, 900), (950, 1510), (951, 1420), (2400, 2340)], cliffs=[950])
    for chart in line_charts(line):
        points = [tuple(map(float, point.split())) for point in chart["path"][1:].split("L")]
        assert len(points) == 4
        assert all(0 <= x <= chart["width"] and 0 <= y <= chart["height"] for x, y in points)
        assert chart["cliffs"][0]["x"] == pytest.approx(points[1][0], abs=0.2)
        assert points[2][1] > points[1][1]  # what is left falls, so the curve goes down


@pytest.mark.parametrize("points", [[], [(1, 1)], [(2, 1), (1, 1)], [(1, 1), (1, 2)]])
def test_a_curve_needs_rising_points(points: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="rising order"):
        line_charts(Line(points))


def test_a_column_chart_needs_a_label_for_each_value() -> None:
    with pytest.raises(ValueError, match="one label"):
        column_charts(Columns(["a"], [1, 2]))


@pytest.mark.parametrize(("highest", "step"), [(100, 25), (94, 25), (7, 2), (38_000, 10_000), (0.9, 0.25), (0, 1)])
def test_grid_lines_are_round_numbers(highest: float, step: float) -> None:
    assert nice_step(highest) == pytest.approx(step)
