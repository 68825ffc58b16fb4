"""gunicorn's own lines, as JSON like all others: `--logger-class` names this class."""

from datetime import timedelta
from typing import Any

from gunicorn import glogging  # type: ignore[import-untyped]

from monitor.logs import configure


class Logger(glogging.Logger):  # type: ignore[misc]
    """Joins in with everybody, before Django is loaded too."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        configure({"level": cfg.loglevel.upper()})

    def access(
        self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta
    ) -> None:
        """One line a request; without its query, which may hold what is secret."""
        headers = {name.lower(): value for name, value in resp.headers}
        self.access_log.info(
            "%s %s",
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            extra={
                "status": resp.status_code,
                "seconds": request_time.total_seconds(),
                "client": environ.get("REMOTE_ADDR", ""),
                "request_id": headers.get("x-request-id", ""),
            },
        )
