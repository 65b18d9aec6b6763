"""Schemas and documents nobody wrote, drawn from a seed: every keyword we allow, and values close to what
the keywords speak about, so that about half the documents are valid."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

DRAFT_07: Final = "http://json-schema.org/draft-07/schema#"
DRAFT_2020_12: Final = "https://json-schema.org/draft/2020-12/schema"
NAMES: Final = ("a", "b", "c", "名", "a/b", "x1", "")
TEXTS: Final = (
    "",
    "a",
    "ab",
    "abc",
    "A",
    "1",
    "01",
    "３",
    "é",
    "e\u0301",
    "名",
    "名字",
    "😀",
    "a\nb",
    "\n",
    " a ",
    "2026-03-05",
    "2026-02-30",
    "2026-03-05T09:42:10+08:00",
    "13800000000",
    "310104",
    "null",
    "x1",
    "\x7f",
    "ß",
    "ﬁ",
    "\u3000",
    "a/b",
)
NUMBERS: Final = (0, 1, -1, 2, 3, 5, 7, 10, 100, -100, 2**31, -(2**31), 2**53 - 1, -(2**53) + 1)
FLOATS: Final = (0.0, 1.0, 0.5, -1.5, 1e3, 2.0, 0.1, 0.3)
PATTERNS: Final = (
    "^a",
    "b$",
    "^[0-9]+$",
    "[a-z]{2,3}",
    r"^\d{6}$",
    r"\w",
    "^(a|b)*$",
    "^(a+)+$",
    ".",
    "^.{2}$",
    r"^\p{Script=Han}+$",
    "^$",
    "[^a]",
    r"\.",
    "é",
    r"^[\u4e00-\u9fa5]+$",
    "a|1",
    "^x[0-9]?$",
    r"\D",
    r"\W",
)
FORMATS: Final = ("date", "date-time", "mobile", "region", "year_month", "email", "uri", "no-such-format")
TYPES: Final = ("null", "boolean", "integer", "number", "string", "array", "object")


class Inventor:
    """Invents schemas of one dialect and documents for them. The same seed gives the same ones."""

    def __init__(self, seed: int, *, floats: bool = False) -> None:
        self._random = Random(seed)
        self._floats = floats
        self._old = False
        self._by_pattern = False
        self._refs: list[str] = []

    def schema(self) -> dict[str, Any]:
        """A schema with its dialect named; `$defs` (or `definitions`) hold up to three parts to refer to."""
        self._old = self._random.random() < 0.4
        self._by_pattern = self._old or self._random.random() < 0.5
        word = "definitions" if self._old else "$defs"
        self._refs = []
        parts = {name: self._part(2) for name in ("p", "q", "r")[: self._random.randrange(4)]}
        self._refs = [f"#/{word}/{name}" for name in parts]
        out = self._part(3)
        if isinstance(out, bool):
            out = {"not": out}
        if self._random.random() < 0.3:
            out = {"type": "object", "properties": {name: self._part(2) for name in self._names()}, **out}
        return {"$schema": DRAFT_07 if self._old else DRAFT_2020_12, word: parts, **out}

    def value(self, depth: int = 3) -> Any:
        """A document; nested at most `depth` deep."""
        dice = self._random.randrange(10 if depth else 7)
        if dice < 3:
            return self._pick(TEXTS)
        if dice < 5:
            return self._pick(FLOATS) if self._floats and self._random.random() < 0.4 else self._pick(NUMBERS)
        if dice < 7:
            return self._pick((None, True, False, [], {}))
        if dice == 7:
            return [self.value(depth - 1) for _ in range(self._random.randrange(4))]
        return {name: self.value(depth - 1) for name in self._names()}

    def near(self, schema: Any, depth: int = 4) -> Any:
        """A document that tries to please the schema, and often fails in one place."""
        if not isinstance(schema, dict) or depth == 0 or self._random.random() < 0.12:
            return self.value(1)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._pick(schema["enum"])
        for word in ("oneOf", "anyOf", "allOf"):
            if word in schema and self._random.random() < 0.6:
                return self.near(self._pick(schema[word]), depth - 1)
        kinds = schema.get("type") or (
            "object" if "properties" in schema else "array" if "items" in schema else None
        )
        kind = self._pick(kinds) if isinstance(kinds, list) else kinds
        if kind == "object":
            named = schema.get("properties", {})
            out = {
                name: self.near(part, depth - 1)
                for name, part in named.items()
                if self._random.random() < 0.7
            }
            for name in [*schema.get("required", ()), *self._names()[:1]]:
                out.setdefault(
                    name, self.near(named.get(name, schema.get("additionalProperties")), depth - 1)
                )
            return out
        if kind == "array":
            items = schema.get("prefixItems", schema.get("items"))
            low, high = schema.get("minItems", 0), schema.get("maxItems", 3)
            count = self._random.randint(min(low, high), max(low, high, 1))
            if isinstance(items, list):
                return [self.near(items[n] if n < len(items) else True, depth - 1) for n in range(count)]
            return [self.near(items, depth - 1) for _ in range(count)]
        by_kind: dict[Any, Any] = {
            "null": (None,),
            "boolean": (True, False),
            "string": TEXTS,
            "integer": NUMBERS,
        }
        return self._pick(by_kind[kind]) if kind in by_kind else self.value(1)

    def _pick(self, values: Any) -> Any:
        return values[self._random.randrange(len(values))]

    def _names(self) -> list[str]:
        return self._random.sample(NAMES, self._random.randrange(4))

    def _part(self, depth: int) -> Any:
        dice = self._random.random()
        if dice < 0.06:
            return self._pick((True, False, {}))
        if dice < 0.14 and self._refs:
            return {"$ref": self._pick(self._refs)}
        out: dict[str, Any] = {}
        if self._random.random() < 0.7:
            out["type"] = self._pick(TYPES) if self._random.random() < 0.8 else self._random.sample(TYPES, 2)
        makers: list[Callable[[dict[str, Any], int], None]]
        makers = [self._of_texts, self._of_numbers, self._of_values]
        if depth:
            makers += [self._of_objects, self._of_arrays, self._of_combinations, self._of_objects]
        for maker in self._random.sample(makers, self._random.randint(1, 2)):
            maker(out, depth - 1)
        return out

    def _members(self, depth: int) -> dict[str, Any]:
        return {name: self._part(depth) for name in self._names()}

    def _several(self, depth: int) -> list[Any]:
        return [self._part(depth) for _ in range(self._random.randint(1, 3))]

    def _some(self, out: dict[str, Any], offered: dict[str, Any]) -> None:
        for word in self._random.sample(list(offered), self._random.randint(1, min(3, len(offered)))):
            out[word] = offered[word]()

    def _of_texts(self, out: dict[str, Any], depth: int) -> None:
        self._some(
            out,
            {
                "minLength": lambda: self._random.randrange(4),
                "maxLength": lambda: self._random.randrange(5),
                "pattern": lambda: self._pick(PATTERNS),
                "format": lambda: self._pick(FORMATS),
            },
        )

    def _of_numbers(self, out: dict[str, Any], depth: int) -> None:
        pool = NUMBERS + FLOATS if self._floats else NUMBERS
        positive = [one for one in pool if one > 0]
        limits = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
        offered: dict[str, Any] = {word: lambda: self._pick(pool) for word in limits}
        self._some(out, {**offered, "multipleOf": lambda: self._pick(positive)})

    def _of_values(self, out: dict[str, Any], depth: int) -> None:
        if self._random.random() < 0.5:
            out["const"] = self.value(2)
        else:
            values: list[Any] = []
            for _ in range(self._random.randint(1, 4)):
                one = self.value(1)
                if not any(repr(one) == repr(known) for known in values):
                    values.append(one)
            out["enum"] = values

    def _of_objects(self, out: dict[str, Any], depth: int) -> None:
        offered: dict[str, Any] = {
            "properties": lambda: self._members(depth),
            "required": self._names,
            "additionalProperties": lambda: self._part(depth),
            "propertyNames": lambda: self._part(0),
            "minProperties": lambda: self._random.randrange(3),
            "maxProperties": lambda: self._random.randrange(4),
        }
        if self._by_pattern:  # together the explaining validator would match names by backtracking: refused
            offered["patternProperties"] = lambda: {self._pick(PATTERNS): self._part(depth)}
        else:
            offered["unevaluatedProperties"] = lambda: self._part(depth)
        if self._old:
            offered["dependencies"] = lambda: {
                name: self._names() if self._random.random() < 0.5 else self._part(depth)
                for name in self._names()
            }
        else:
            offered["dependentRequired"] = lambda: {name: self._names() for name in self._names()}
            offered["dependentSchemas"] = lambda: self._members(depth)
        self._some(out, offered)

    def _of_arrays(self, out: dict[str, Any], depth: int) -> None:
        offered: dict[str, Any] = {
            "minItems": lambda: self._random.randrange(3),
            "maxItems": lambda: self._random.randrange(4),
            "uniqueItems": lambda: self._random.random() < 0.7,
            "contains": lambda: self._part(depth),
        }
        if self._old:
            offered["items"] = lambda: (
                self._several(depth) if self._random.random() < 0.4 else self._part(depth)
            )
            offered["additionalItems"] = lambda: self._part(depth)
        else:
            offered |= {
                "items": lambda: self._part(depth),
                "prefixItems": lambda: self._several(depth),
                "minContains": lambda: self._random.randrange(3),
                "maxContains": lambda: self._random.randint(1, 3),
                "unevaluatedItems": lambda: self._part(depth),
            }
        self._some(out, offered)

    def _of_combinations(self, out: dict[str, Any], depth: int) -> None:
        words = ("allOf", "anyOf", "oneOf")
        offered: dict[str, Any] = dict.fromkeys(words, lambda: self._several(depth))
        offered |= {"not": lambda: self._part(depth), "if": lambda: self._part(depth)}
        self._some(out, offered)
        if "if" in out:
            self._some(out, {"then": lambda: self._part(depth), "else": lambda: self._part(depth)})
