"""Ordinary changes to a schema, each with the verdict expected both ways; `unknown` is counted on them.

A row: name, old schema, new schema, whether old documents stay valid, whether new ones are valid under old.
"""

from __future__ import annotations

from typing import Any

Row = tuple[str, Any, Any, bool, bool]
DRAFT_07 = "http://json-schema.org/draft-07/schema#"
TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}
NUMBER: dict[str, Any] = {"type": "number"}


def form(required: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    """A closed form of these fields."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(required),
        "additionalProperties": False,
    }


def open_form(required: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    """A form that takes other fields too."""
    return {"type": "object", "properties": fields, "required": list(required)}


def text(**limits: Any) -> dict[str, Any]:
    return {"type": "string", **limits}


def whole(**limits: Any) -> dict[str, Any]:
    return {"type": "integer", **limits}


def number(**limits: Any) -> dict[str, Any]:
    return {"type": "number", **limits}


def rows(**limits: Any) -> dict[str, Any]:
    return {"type": "array", **limits}


def one(schema: Any) -> dict[str, Any]:
    """A closed form of one required field."""
    return form(("a",), a=schema)


NAME = form(("name",), name=TEXT)
ADDED: list[Row] = [
    ("optional field, closed form", NAME, form(("name",), name=TEXT, phone=TEXT), True, False),
    ("required field, closed form", NAME, form(("name", "phone"), name=TEXT, phone=TEXT), False, False),
    ("required with default", NAME, form(("name", "p"), name=TEXT, p=text(default="x")), False, False),
    ("optional field, open form", open_form(a=TEXT), open_form(a=TEXT, b=TEXT), False, True),
    ("optional field of any kind, open form", open_form(a=TEXT), open_form(a=TEXT, b={}), True, True),
    ("required field of any kind, open form", open_form(a=TEXT), open_form(("b",), a=TEXT, b={}), False,
     True),
    ("two optional fields", NAME, form(("name",), name=TEXT, a=WHOLE, b=TEXT), True, False),
    ("field that is never allowed", NAME, form(("name",), name=TEXT, x=False), True, True),
    ("optional object", NAME, form(("name",), name=TEXT, more=form(("x",), x=TEXT)), True, False),
    ("optional list", NAME, form(("name",), name=TEXT, rows=rows(items=TEXT)), True, False),
    ("removed optional field, closed", form(a=TEXT, b=TEXT), form(a=TEXT), False, True),
    ("removed optional field, open", open_form(a=TEXT, b=TEXT), open_form(a=TEXT), True, False),
    ("removed required field, closed", form(("a", "b"), a=TEXT, b=TEXT), form(("a",), a=TEXT), False, False),
    ("removed required field, open", open_form(("b",), b=TEXT), open_form(), True, False),
    ("renamed optional field, closed", form(phone=TEXT), form(mobile=TEXT), False, False),
    ("renamed required field, closed", one(TEXT), form(("b",), b=TEXT), False, False),
    ("renamed field, open", open_form(phone=TEXT), open_form(mobile=TEXT), False, False),
    ("split of a field", form(address=TEXT), form(region=TEXT, street=TEXT), False, False),
    ("wrapped into a list", one(TEXT), one(rows(items=TEXT)), False, False),
    ("wrapped into an object", one(TEXT), one(form(("v",), v=TEXT)), False, False),
    ("order of fields", form(a=TEXT, b=TEXT), form(b=TEXT, a=TEXT), True, True),
    ("title and description", one(TEXT), one(text(title="甲", description="乙")), True, True),
    ("an unknown word", one(TEXT), one(text(**{"x-note": 1})), True, True),
]  # fmt: skip
REQUIRED: list[Row] = [
    ("optional to required", form(a=TEXT), form(("a",), a=TEXT), False, True),
    ("required to optional", form(("a",), a=TEXT), form(a=TEXT), True, False),
    ("one of two no longer required", form(("a", "b"), a=TEXT, b=TEXT), form(("a",), a=TEXT, b=TEXT), True,
     False),
    ("required twice", form(("a",), a=TEXT), {**form(a=TEXT), "allOf": [{"required": ["a"]}]}, True, True),
    ("required in a branch only", form(("a",), a=TEXT), {**form(a=TEXT), "anyOf": [{"required": ["a"]},
     {}]}, True, False),
    ("minProperties for required", form(("a",), a=TEXT), {**form(a=TEXT), "minProperties": 1}, True, True),
    ("minProperties raised", {"minProperties": 1}, {"minProperties": 2}, False, True),
    ("maxProperties lowered", {"maxProperties": 3}, {"maxProperties": 2}, False, True),
    ("maxProperties that cannot bind", form(a=TEXT, b=TEXT), {**form(a=TEXT, b=TEXT), "maxProperties": 2},
     True, True),
    ("maxProperties that binds", form(a=TEXT, b=TEXT), {**form(a=TEXT, b=TEXT), "maxProperties": 1}, False,
     True),
    ("depends on another", form(a=TEXT, b=TEXT), {**form(a=TEXT, b=TEXT),
     "dependentRequired": {"a": ["b"]}}, False, True),
    ("depends on what is required", form(("b",), a=TEXT, b=TEXT), {**form(("b",), a=TEXT, b=TEXT),
     "dependentRequired": {"a": ["b"]}}, True, True),
    ("dependency widened", {"dependentRequired": {"a": ["b", "c"]}}, {"dependentRequired": {"a": ["b"]}},
     True, False),
    ("dependency as condition", {"dependentRequired": {"a": ["b"]}}, {"if": {"required": ["a"]},
     "then": {"required": ["b"]}}, True, True),
    ("dependent schema added", form(a=TEXT, b=TEXT), {**form(a=TEXT, b=TEXT),
     "dependentSchemas": {"a": {"required": ["b"]}}}, False, True),
    ("dependent schema for dependentRequired", {"dependentSchemas": {"a": {"required": ["b"]}}},
     {"dependentRequired": {"a": ["b"]}}, True, True),
]  # fmt: skip
TYPES: list[Row] = [
    ("integer to number", one(WHOLE), one(NUMBER), True, False),
    ("number to integer", one(NUMBER), one(WHOLE), False, True),
    ("integer to text", one(WHOLE), one(TEXT), False, False),
    ("text to object", one(TEXT), one(form(x=TEXT)), False, False),
    ("nullable added", one(TEXT), one({"type": ["string", "null"]}), True, False),
    ("nullable by anyOf", one({"type": ["string", "null"]}), one({"anyOf": [TEXT, {"type": "null"}]}), True,
     True),
    ("nullable of OpenAPI is no keyword", one(TEXT), one(text(nullable=True)), True, True),
    ("types in another order", one({"type": ["string", "null"]}), one({"type": ["null", "string"]}), True,
     True),
    ("type added", one({}), one(TEXT), False, True),
    ("true for an empty schema", one({}), one(True), True, True),
    ("false", one(TEXT), one(False), False, True),
    ("whole schema true", True, {}, True, True),
    ("whole schema false", False, TEXT, True, False),
    ("not false", {"not": False}, True, True, True),
    ("all types for none", {"type": ["string", "number", "boolean", "null", "array", "object"]}, {}, True,
     True),
    ("integer by multipleOf", WHOLE, number(multipleOf=1), True, True),
    ("boolean to integer", one({"type": "boolean"}), one(WHOLE), False, False),
    ("boolean to options", one({"type": "boolean"}), one({"enum": [True, False]}), True, True),
]  # fmt: skip
BOUNDS: list[Row] = [
    ("maximum raised", one(whole(maximum=3)), one(whole(maximum=5)), True, False),
    ("maximum lowered", one(whole(maximum=5)), one(whole(maximum=3)), False, True),
    ("minimum added", one(WHOLE), one(whole(minimum=0)), False, True),
    ("minimum lowered", one(whole(minimum=1)), one(whole(minimum=0)), True, False),
    ("exclusive for inclusive, integer", one(whole(exclusiveMinimum=0)), one(whole(minimum=1)), True, True),
    ("exclusive for inclusive, number", one(number(exclusiveMinimum=0)), one(number(minimum=0)), True, False),
    ("inclusive for exclusive above", number(maximum=1), number(exclusiveMaximum=1), False, True),
    ("integers between two", whole(exclusiveMinimum=0, exclusiveMaximum=2), {"const": 1}, True, True),
    ("bound without type", one({"minimum": 1}), one(number(minimum=1)), False, True),
    ("multipleOf halved", one(whole(multipleOf=4)), one(whole(multipleOf=2)), True, False),
    ("multipleOf other", one(whole(multipleOf=4)), one(whole(multipleOf=6)), False, False),
    ("multipleOf binary fraction", number(multipleOf=0.5), number(multipleOf=0.25), True, False),
    ("multipleOf of hundredths dropped", number(multipleOf=0.01), NUMBER, True, False),
    ("bounds beside hundredths", number(multipleOf=0.01, maximum=1), number(multipleOf=0.01, maximum=2),
     True, False),
    ("maxLength raised", one(text(maxLength=10)), one(text(maxLength=20)), True, False),
    ("maxLength added", one(TEXT), one(text(maxLength=20)), False, True),
    ("maxLength very long", one(text(maxLength=4000)), one(text(maxLength=2000)), False, True),
    ("minLength added", one(TEXT), one(text(minLength=1)), False, True),
    ("minLength as pattern", text(minLength=1), text(pattern="[^\\n]|\\n"), True, True),
    ("length counts characters", {"enum": ["𠮷野家"]}, text(maxLength=3), True, False),
    ("maxItems lowered", one(rows(maxItems=5)), one(rows(maxItems=3)), False, True),
    ("minItems added", one(rows(items=TEXT)), one(rows(items=TEXT, minItems=1)), False, True),
    ("maxItems zero", one(rows(maxItems=0)), one({"const": []}), True, True),
    ("no room", one(whole(minimum=5, maximum=3)), one(TEXT), True, False),
]  # fmt: skip
OPTIONS: list[Row] = [
    ("option added", one({"enum": ["a", "b"]}), one({"enum": ["a", "b", "c"]}), True, False),
    ("option removed", one({"enum": ["a", "b", "c"]}), one({"enum": ["a", "b"]}), False, True),
    ("option renamed", one({"enum": ["a", "b"]}), one({"enum": ["a", "c"]}), False, False),
    ("options in another order", one({"enum": ["a", "b"]}), one({"enum": ["b", "a"]}), True, True),
    ("const for one option", one({"enum": ["a"]}), one({"const": "a"}), True, True),
    ("text to options", one(TEXT), one({"enum": ["a", "b"]}), False, True),
    ("options to pattern", one({"enum": ["a1", "b2"]}), one(text(pattern="^[a-z][0-9]$")), True, False),
    ("pattern of two texts to options", one(text(pattern="^(yes|no)$")), one({"enum": ["yes", "no"]}), True,
     True),
    ("1 and 1.0", {"const": 1}, {"const": 1.0}, True, True),
    ("1 and true", {"const": 1}, {"const": True}, False, False),
    ("0 and false among options", {"enum": [0, 1]}, {"enum": [False, True]}, False, False),
    ("options to bounds", {"enum": [1, 2, 3]}, whole(minimum=1, maximum=3), True, True),
    ("options to wider bounds", {"enum": [1, 2, 3]}, whole(minimum=1, maximum=4), True, False),
    ("null option added", one({"enum": ["a"]}), one({"enum": ["a", None]}), True, False),
    ("object const", {"const": {"a": 1}}, form(("a",), a={"const": 1}), True, True),
    ("not that option", TEXT, {**TEXT, "not": {"const": "x"}}, False, True),
    ("not that option, options", {"enum": ["x", "y"], "not": {"const": "x"}}, {"const": "y"}, True, True),
    ("options with an option no type allows", one({"enum": ["a", True]}),
     one({"enum": ["a", True, 3], "type": ["string", "boolean"]}), True, True),
    ("options with type", {"enum": ["a", 1], "type": "string"}, {"const": "a"}, True, True),
]  # fmt: skip
PATTERNS: list[Row] = [
    ("pattern added", one(TEXT), one(text(pattern="^[0-9]+$")), False, True),
    ("pattern widened", one(text(pattern="^1[3-9][0-9]{9}$")), one(text(pattern="^1[0-9]{10}$")), True,
     False),
    ("pattern rewritten", one(text(pattern="^[0-9]{3}$")), one(text(pattern="^\\d\\d\\d$")), True, True),
    ("pattern unanchored", text(pattern="^a"), text(pattern="a"), True, False),
    ("pattern and length", text(pattern="^[0-9]{6}$"), text(pattern="^[0-9]+$", minLength=6, maxLength=6),
     True, True),
    ("pattern to length", text(pattern="^[0-9]{6}$"), text(maxLength=6), True, False),
    ("pattern of two branches", text(pattern="^(a|b)$"), {"anyOf": [text(pattern="^a$"),
     text(pattern="^b$")]}, True, True),
    ("pattern with Chinese", text(pattern="^[一-龥]{2,4}$"), text(pattern="^[一-龥]{2,10}$"), True, False),
    ("catastrophic pattern", text(pattern="^(a+)+$"), text(pattern="^a+$"), True, True),
    ("two patterns by allOf", {"allOf": [text(pattern="^a"), text(pattern="b$")]},
     text(pattern="^a(.|\\n)*b$"), True, True),
    ("id number", text(pattern="^[0-9]{17}[0-9X]$"), text(pattern="^[0-9]{17}[0-9Xx]$"), True, False),
    ("format of ours added", one(TEXT), one(text(format="mobile")), False, True),
    ("format of ours for its pattern", text(format="mobile"), text(pattern="^1[3-9][0-9]{9}$"), True, True),
    ("date added", one(TEXT), one(text(format="date")), False, True),
    ("date removed", one(text(format="date")), one(TEXT), True, False),
    ("date to moment", one(text(format="date")), one(text(format="date-time")), False, False),
    ("date has ten characters", text(format="date"), text(format="date", maxLength=10), True, True),
    ("date to its shape", text(format="date"), text(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), True, False),
    ("format nobody asserts", one(TEXT), one(text(format="color")), True, True),
    ("document id", one(text(format="doc_id")), one(text(pattern="^LTCI-")), True, False),
]  # fmt: skip
