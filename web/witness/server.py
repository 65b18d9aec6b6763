"""A witness over HTTP: C2SP tlog-witness `add-checkpoint`, and reading what it remembers.

Decides nothing about a checkpoint: engine.trust.witness judges, storage.witness_memory remembers. Comparing
and remembering happen under one lock, and the disk has the new checkpoint before the answer goes out.

    POST /add-checkpoint             ask for a cosignature
    GET  /                           the witness's vkey
    GET  /checkpoints/<H(origin)>    the last checkpoint cosigned of a log
    GET  /evidence/<H(origin)>       signed checkpoints of that log that do not go together
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from engine.errors import Invalid
from engine.identity import utc_text
from engine.ports import Clock
from engine.trust import checkpoint, witness
from engine.trust.checkpoint import TYPE_ED25519, VerifierKey
from engine.trust.envelope import encode_base64
from storage.witness_memory import WitnessMemory, origin_id

SIZE_TYPE = "text/x.tlog.size"
log = structlog.get_logger("witness")


class Desk:
    """The witness at work: its memory, the logs it knows, a clock."""

    def __init__(
        self, memory: WitnessMemory, logs: Mapping[str, Sequence[VerifierKey]], clock: Clock
    ) -> None:
        self.memory, self.clock, self.logs = memory, clock, logs
        self.origins = {origin_id(origin): origin for origin in logs}
        self._lock = threading.Lock()

    def add(self, body: bytes) -> Response:
        """Judge one request and answer it."""
        try:
            request = witness.parse_request(body)
        except Invalid:
            return PlainTextResponse("", 400)
        with self._lock:
            found = witness.judge(request, self.logs, self.memory.remembered)
            if found.read is not None and found.evidence:
                self._keep_evidence(request, found, found.read)
            if found.status == 409:
                # Given as a header: as a media type it would get a charset, which the specification has not.
                sized = {"Content-Type": SIZE_TYPE}
                return Response(witness.encode_size(found.last.size), 409, headers=sized)
            if found.status != 200 or found.read is None:
                return PlainTextResponse("", found.status)
            return self._cosign(request, found.read)

    def _cosign(self, request: witness.Request, read: checkpoint.Checkpoint) -> Response:
        identity = self.memory.identity
        now = int(self.clock.now().timestamp())
        line = checkpoint.cosign(request.note, identity.name, identity.key, now)
        # Of the lines that came along only those of the log are kept: others are nobody's known here.
        own = "".join(
            checkpoint.signature_line(one.name, key.type, key.public_key, one.data)
            for key in self.logs[read.origin]
            for one in read.signatures
            if (one.name, one.key_id) == (key.name, key.key_id)
        )
        self.memory.remember(read.origin, f"{read.text}\n{own}{line}")
        return PlainTextResponse(line)

    def _keep_evidence(
        self, request: witness.Request, found: witness.Judgement, read: checkpoint.Checkpoint
    ) -> None:
        sizes = {"remembered": found.last.size, "presented": read.size}
        log.critical("evidence", kind=found.evidence, origin=read.origin, **sizes)
        self.memory.keep_evidence(
            read.origin,
            f"{found.evidence}-{found.last.size}-{read.size}-{read.root.hex()[:16]}",
            {
                "kind": found.evidence,
                "received_at": utc_text(self.clock.now()),
                "remembered": self.memory.newest(read.origin),
                "presented": request.note,
                "old": request.old,
                "proof": [encode_base64(one) for one in request.proof],
            },
        )

    def newest(self, origin: str) -> str:
        """The last cosigned note, read between two requests."""
        with self._lock:
            return self.memory.newest(origin)


def create_witness(desk: Desk) -> Starlette:
    """The application around a witness's desk."""

    async def add_checkpoint(request: Request) -> Response:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > witness.MAX_REQUEST_BYTES:
                return PlainTextResponse("", 400)
        return await run_in_threadpool(desk.add, bytes(body))

    def show_vkey(request: Request) -> Response:
        return PlainTextResponse(desk.memory.identity.vkey.text() + "\n")

    def show_checkpoint(request: Request) -> Response:
        origin = desk.origins.get(request.path_params["place"])
        note = desk.newest(origin) if origin is not None else ""
        return PlainTextResponse(note, 200 if note else 404, headers={"Cache-Control": "no-store"})

    def show_evidence(request: Request) -> Response:
        origin = desk.origins.get(request.path_params["place"])
        if origin is None:
            return PlainTextResponse("", 404)
        return JSONResponse(list(desk.memory.evidence(origin)), headers={"Cache-Control": "no-store"})

    return Starlette(
        routes=[
            Route("/", show_vkey),
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/checkpoints/{place}", show_checkpoint),
            Route("/evidence/{place}", show_evidence),
        ]
    )


def by_origin(keys: Iterable[VerifierKey]) -> dict[str, tuple[VerifierKey, ...]]:
    """Log keys by the origin they sign for; `Invalid("witness.log_key")` for a key that is no log's."""
    found: dict[str, tuple[VerifierKey, ...]] = {}
    for key in keys:
        if key.type != TYPE_ED25519:
            raise Invalid("witness.log_key", name=key.name)
        found[key.name] = (*found.get(key.name, ()), key)
    return found
