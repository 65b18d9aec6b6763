"""The plain limit: the least a server of this kind can do, as a bare FastAPI route.

Parses the JSON, validates it with jsonschema-rs, signs once, seals once and group-commits one record with one
sync. No permission, no rules, no commitments, no log, no projection: what is left is what Python, the web
framework and the disk cost.

    python -m tests.benchmarks.plain_limit PORT FOLDER
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from hashlib import sha256
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import orjson
import uvicorn
from fastapi import FastAPI, Request, Response
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_sign,
    crypto_sign_seed_keypair,
)

import schemas
from engine.registry.shape import compile_shape
from tests.benchmarks.material import FORM


class GroupCommit:
    """One writer thread: takes what waits, writes it in one call, syncs once, resolves every promise."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._queue: SimpleQueue[tuple[bytes, asyncio.AbstractEventLoop, asyncio.Future[None]]] = (
            SimpleQueue()
        )
        threading.Thread(target=self._write, daemon=True).start()

    def append(self, record: bytes) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        promise: asyncio.Future[None] = loop.create_future()
        self._queue.put((record, loop, promise))
        return promise

    def _write(self) -> None:
        while True:
            batch = [self._queue.get()]
            try:
                while True:
                    batch.append(self._queue.get_nowait())
            except Empty:
                pass
            os.write(self._fd, b"".join(record for record, _, _ in batch))
            os.fdatasync(self._fd)
            batch[0][1].call_soon_threadsafe(_resolve, [promise for _, _, promise in batch])


def _resolve(promises: list[asyncio.Future[None]]) -> None:
    for promise in promises:
        if not promise.done():
            promise.set_result(None)


def create_app(folder: Path) -> FastAPI:
    """The bare application."""
    app = FastAPI(openapi_url=None)
    schema = orjson.loads(schemas.root().joinpath(FORM, "1.0.0", "schema.json").read_bytes())
    shape = compile_shape(schema)
    _, secret = crypto_sign_seed_keypair(os.urandom(32))
    key = os.urandom(32)
    commits: list[GroupCommit] = []

    @app.post("/documents")
    async def submit(request: Request) -> Response:
        if not commits:
            commits.append(GroupCommit(folder / "plain.log"))
        body = await request.body()
        value: Any = orjson.loads(body)
        if not shape.fast.is_valid(value["answers"]):
            return Response(status_code=422)
        signed = crypto_sign(body, secret)
        nonce = os.urandom(24)
        sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(signed, b"", nonce, key)
        await commits[0].append(nonce + sealed)
        return Response(
            orjson.dumps({"sha256": sha256(signed).hexdigest()}), 201, media_type="application/json"
        )

    @app.get("/ready")
    async def ready() -> Response:
        return Response()

    return app


if __name__ == "__main__":
    uvicorn.run(
        create_app(Path(sys.argv[2])),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        server_header=False,
    )
