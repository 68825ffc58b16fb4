"""What nobody can do with less: JSON in, onnxruntime on one thread, JSON out.

benchmarks/api.py has gunicorn serve it, of the model that $MODEL names.
"""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

_options = onnxruntime.SessionOptions()
_options.intra_op_num_threads = _options.inter_op_num_threads = 1
_session = onnxruntime.InferenceSession(
    Path(os.environ["MODEL"]).read_bytes(), _options, ["CPUExecutionProvider"]
)


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Rows of eight values in, their probabilities out; nothing is checked or kept."""
    sent = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    rows = np.array(json.loads(sent)["data"], dtype=np.float32)
    scores = _session.run(None, {"features": rows})[0][:, 0]
    told = json.dumps({"predictions": scores.tolist()}).encode()
    length = str(len(told))
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", length)])
    return [told]
