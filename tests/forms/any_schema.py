"""Schemas of every kind the compiler claims to draw, for the tests of this folder and of the page."""

from __future__ import annotations

from typing import Any

DRAFT_07 = "http://json-schema.org/draft-07/schema#"

BY_KIND: dict[str, Any] = {
    "nested objects": {
        "type": "object",
        "properties": {
            "a": {
                "type": "object",
                "properties": {"b": {"type": "object", "properties": {"c": {"type": "string"}}}},
            }
        },
    },
    "arrays of objects": {
        "type": "array",
        "maxItems": 3,
        "items": {
            "type": "object",
            "required": ["n"],
            "properties": {"n": {"type": "integer"}, "t": {"type": "string"}},
        },
    },
    "arrays of arrays": {
        "type": "array",
        "maxItems": 3,
        "items": {"type": "array", "items": {"type": "number"}, "maxItems": 3},
    },
    "a closed tuple": {
        "prefixItems": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}],
        "type": "array",
        "items": False,
    },
    "a tuple with a tail": {
        "type": "array",
        "prefixItems": [{"type": "string"}],
        "items": {"type": "integer"},
    },
    "a tuple of draft-07": {
        "$schema": DRAFT_07,
        "type": "array",
        "items": [{"type": "string"}, {"type": "object", "properties": {"x": {"type": "integer"}}}],
        "additionalItems": False,
    },
    "enum of every kind": {"enum": ["", "a", 0, 1, False, None, [], {}, [1], {"a": 1}, "0", 1.5]},
    "const": {
        "type": "object",
        "required": ["v"],
        "properties": {"v": {"const": {"a": [1, None]}}, "w": {"const": ""}},
    },
    "titled choices": {
        "oneOf": [{"const": 1, "title": "一"}, {"const": "1", "title": "壹"}, {"const": None}]
    },
    "oneOf of objects": {
        "oneOf": [
            {
                "title": "转账",
                "type": "object",
                "required": ["k", "no"],
                "properties": {"k": {"const": "b"}, "no": {"type": "string"}},
            },
            {
                "title": "现金",
                "type": "object",
                "required": ["k"],
                "properties": {"k": {"const": "c"}, "n": {"type": "integer"}},
            },
        ]
    },
    "anyOf of scalars and lists": {
        "anyOf": [
            {"type": "integer"},
            {"type": "string"},
            {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        ]
    },
    "or null": {
        "type": "object",
        "properties": {
            "a": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "b": {"type": ["boolean", "null"]},
        },
    },
    "several types": {
        "type": ["object", "array", "string", "integer", "boolean", "null"],
        "maxItems": 2,
        "maxProperties": 2,
    },
    "rows of alternatives": {
        "type": "array",
        "maxItems": 3,
        "items": {
            "oneOf": [
                {"type": "string"},
                {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}},
            ]
        },
    },
    "alternatives in alternatives": {
        "anyOf": [
            {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "boolean"}, "maxItems": 2}]},
            {
                "type": "object",
                "properties": {"s": {"type": ["string", "integer"]}},
                "additionalProperties": False,
            },
        ]
    },
    "allOf": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "string"}}},
            {"required": ["b"], "properties": {"b": {"type": "integer"}}},
        ]
    },
    "if then else": {
        "type": "object",
        "properties": {"who": {"enum": ["self", "agent"]}},
        "if": {"properties": {"who": {"const": "agent"}}, "required": ["who"]},
        "then": {
            "properties": {"agent": {"type": "object", "properties": {"name": {"type": "string"}}}},
            "required": ["agent"],
        },
        "else": {"properties": {"reason": {"type": "string"}}},
    },
    "dependent parts": {
        "type": "object",
        "properties": {"card": {"type": "string"}},
        "dependentRequired": {"card": ["address"]},
        "dependentSchemas": {"card": {"properties": {"address": {"type": "string"}}}},
    },
    "dependencies of draft-07": {
        "$schema": DRAFT_07,
        "type": "object",
        "properties": {"card": {"type": "string"}},
        "dependencies": {"card": {"properties": {"address": {"type": "string"}}, "required": ["address"]}},
    },
    "a map": {"type": "object", "maxProperties": 3, "additionalProperties": {"type": "integer"}},
    "a map of objects": {
        "type": "object",
        "maxProperties": 2,
        "additionalProperties": {
            "type": "object",
            "properties": {"a": {"type": "string"}},
            "additionalProperties": {"type": "string"},
        },
    },
    "a map beside members": {
        "type": "object",
        "properties": {"~more": {"type": "string"}, "1": {"type": "integer"}},
        "patternProperties": {"^x": {"type": ["string", "null"]}},
        "additionalProperties": False,
    },
    "anything": True,
    "an object of anything": {"type": "object", "maxProperties": 3},
    "a list of anything": {"type": "array", "maxItems": 3},
    "formats": {
        "type": "object",
        "properties": {
            name.replace("-", "_"): {"type": "string", "format": name}
            for name in ("date", "date-time", "time", "email", "uri", "uuid", "ipv4", "hostname")
        },
    },
    "content": {
        "type": "object",
        "properties": {
            "file": {"type": "string", "contentEncoding": "base64"},
            "pin": {"type": "string", "writeOnly": True},
            "no": {"type": "integer", "readOnly": True},
        },
    },
    "null": {"type": "object", "required": ["n"], "properties": {"n": {"type": "null"}}},
}

TREE: dict[str, Any] = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "parts": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
        }
    },
}
