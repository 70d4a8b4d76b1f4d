"""One log line a request: ids, times and page names; never a path, a query or any personal value."""

import logging
import time

import structlog
from flask import Flask, Response, g, request
from flask_security import current_user

log = structlog.get_logger("connectivity.request")


def install(app: Flask, *, json: bool) -> None:
    """Sets up logging (JSON lines in production) and the line at the end of each request."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks if json else structlog.processors.StackInfoRenderer(),
            structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    # The development server's own lines carry whole addresses, search words included.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)

    @app.before_request
    def start_clock() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def write_line(response: Response) -> Response:
        if request.endpoint not in (None, "static", "bootstrap.static"):
            log.info(
                "request",
                method=request.method,
                page=request.endpoint,
                status=response.status_code,
                ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
                account=getattr(current_user, "id", None) if response.status_code < 500 else None,
            )
        return response
