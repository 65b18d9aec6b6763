"""The state picture lies as the workflow goes."""

from __future__ import annotations

from web.pictures.states import Picture, Way, draw_states

TITLES = {
    "draft": "草稿",
    "submitted": "已提交",
    "under_review": "审核中",
    "returned": "退回补正",
    "approved": "审核通过",
    "effective": "已入库",
    "withdrawn": "已撤回",
}
WAYS = [
    Way("draft", "submitted", "提交"),
    Way("submitted", "under_review", "领取"),
    Way("under_review", "submitted", "退领"),
    Way("under_review", "returned", "退回补正"),
    Way("returned", "submitted", "提交"),
    Way("under_review", "approved", "审核通过"),
    Way("approved", "effective", "上传入库"),
    Way("submitted", "withdrawn", "撤回"),
]
TRAVELLED = [("draft", "submitted"), ("submitted", "under_review")]
FOLLOWING = [
    Way("under_review", "approved", "审核通过", "审核人员"),
    Way("under_review", "returned", "退回补正"),
]


def drawn() -> Picture:
    return draw_states(TITLES, WAYS, "draft", "under_review", TRAVELLED, FOLLOWING)


def test_columns_follow_the_longest_way_and_the_main_way_is_on_top() -> None:
    boxes = {box.state: box for box in drawn().boxes}
    top = sorted((box for box in boxes.values() if box.y == boxes["draft"].y), key=lambda box: box.x)
    assert [box.state for box in top] == ["draft", "submitted", "under_review", "approved", "effective"]
    assert boxes["returned"].x == boxes["approved"].x
    assert boxes["withdrawn"].x == boxes["under_review"].x


def test_tones_say_where_it_is_where_it_was_and_where_it_may_go() -> None:
    tones = {box.state: box.tone for box in drawn().boxes}
    assert tones == {
        "draft": "been",
        "submitted": "been",
        "under_review": "here",
        "returned": "next",
        "approved": "next",
        "effective": "pale",
        "withdrawn": "pale",
    }


def test_a_next_box_says_what_brings_the_document_there_and_who() -> None:
    assert {box.state: box.note for box in drawn().boxes if box.note} == {
        "approved": "审核通过 · 审核人员",
        "returned": "退回补正",
    }


def test_no_two_boxes_overlap_and_all_lie_inside() -> None:
    picture = drawn()
    places = [(box.x, box.y) for box in picture.boxes]
    assert len(set(places)) == len(places)
    assert all(
        x + picture.box_width <= picture.width and y + picture.box_height <= picture.height for x, y in places
    )


def test_every_way_is_drawn_once_and_the_travelled_ones_last() -> None:
    tones = [line.tone for line in drawn().lines]
    assert len(tones) == len(WAYS)
    assert tones == sorted(tones, key=("pale", "next", "been").index)
    assert tones.count("been") == 2 and tones.count("next") == 2


def test_a_way_that_leaves_a_state_out_runs_above_it() -> None:
    titles = {"draft": "草稿", "second": "待复审", "done": "已入库"}
    ways = [Way("draft", "second", "初审"), Way("second", "done", "复审"), Way("draft", "done", "审核")]
    picture = draw_states(titles, ways, "draft", "done", [("draft", "done")])
    tops = {box.y for box in picture.boxes}
    over = next(line.path for line in picture.lines if line.tone == "been")
    assert len(tops) == 1
    assert int(over.split("C")[1].split()[1]) < min(tops)
