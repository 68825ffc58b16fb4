"""Clients that others have written, asking a site; each must hear what the site says.

    PYTHON benchmarks/their_clients.py URL KEY ASKED

benchmarks/clients.py runs it, by an interpreter that has them: ASKED has rows, and what
the site itself has answered to them.
"""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import httpx
import numpy as np
import pandas as pd  # noqa: TID253  # not of the site
import requests
from mlflow.pyfunc.scoring_server import client as mlflow_client
from numpy.typing import NDArray
from open_inference.openapi.client import OpenInferenceClient
from open_inference.openapi.core.api_error import ApiError
from open_inference.openapi.types import InferenceRequest, RequestInput, RequestOutput
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

Told = Iterator[tuple[str, str]]
NUMPY = {"FP32": np.float32, "FP64": np.float64}


class Asked(NamedTuple):
    """Where, as whom, which rows, and what is right."""

    url: str
    key: str
    names: list[str]
    features: NDArray[np.float64]
    probability: NDArray[np.float32]
    predicted: NDArray[np.int64]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def sizes(self) -> tuple[int, int]:
        """One row, and all."""
        return 1, len(self.features)

    def same(self, probability: Any, predicted: Any) -> str:
        """Say that it is the same, to the last bit; or end all."""
        n = len(probability)
        scores = np.asarray(probability, dtype=np.float32)
        if not np.array_equal(scores, self.probability[:n]):
            sys.exit(f"Other scores: {scores[:5]}, {self.probability[:5]}")
        if not np.array_equal(np.asarray(predicted), self.predicted[:n]):
            sys.exit(f"Other verdicts: {predicted[:5]}, {self.predicted[:5]}")
        return f"as the site: {n:,}"


def main(url: str, key: str, file: str) -> None:
    """Have each ask, and print what it heard."""
    of = np.load(file)
    asked = Asked(
        url,
        key,
        of["names"].tolist(),
        of["features"],
        of["probability"].astype(np.float32),
        of["predicted"],
    )
    print("| client | asked for | heard |")
    print("|---|---|---|")
    for name, ask in CLIENTS.items():
        for what, heard in ask(asked):
            print(f"| {name} | {what} | {heard} |", flush=True)


def triton(asked: Asked) -> Told:
    """NVIDIA's, which sends numbers as they lie in memory."""
    with InferenceServerClient(asked.url.removeprefix("http://")) as client:
        headers = {"headers": asked.headers}
        server = client.get_server_metadata(**headers)
        yield "server", f"{server['name']} {server['version']}"
        yield "live, ready", f"{client.is_server_live()}, {client.is_server_ready()}"
        yield "model ready", f"{client.is_model_ready('pulsar', **headers)}"
        model = client.get_model_metadata("pulsar", "1", **headers)
        yield "model", f"{len(model['inputs'])} inputs, versions {model['versions']}"
        for n in asked.sizes():
            for binary in (False, True):
                # Each has headers of its own: the client writes into them.
                infer = partial(client.infer, "pulsar", request_id="7")
                how = "binary" if binary else "JSON"
                tensor = triton_input(
                    "features", asked.features[:n], "FP64", binary=binary
                )
                result = infer([tensor], headers=asked.headers)
                told = result.as_numpy("probability"), result.as_numpy("predicted")
                yield f"{n:,} in one tensor, {how}", asked.same(*told)
                columns = [
                    triton_input(name, asked.features[:n, place], "FP32", binary=binary)
                    for place, name in enumerate(asked.names)
                ]
                wanted = [
                    InferRequestedOutput(name, binary_data=binary)
                    for name in ("predicted", "probability")
                ]
                result = infer(
                    columns, outputs=wanted, model_version="1", headers=asked.headers
                )
                told = result.as_numpy("probability"), result.as_numpy("predicted")
                yield f"{n:,} by columns, {how}", asked.same(*told)
        yield (
            "an unknown model",
            refusal(
                InferenceServerException,
                partial(client.get_model_metadata, "nothing", **headers),
            ),
        )


def triton_input(
    name: str, values: NDArray[np.float64], datatype: str, *, binary: bool
) -> InferInput:
    tensor = InferInput(name, list(values.shape), datatype)
    return tensor.set_data_from_numpy(
        np.ascontiguousarray(values, NUMPY[datatype]), binary_data=binary
    )


def open_inference(asked: Asked) -> Told:
    """The protocol's own, made from its description."""
    http = httpx.Client(headers=asked.headers, timeout=60)
    client = OpenInferenceClient(base_url=asked.url, httpx_client=http)
    server = client.read_server_metadata()
    yield "server", f"{server.name} {server.version}, {server.extensions}"
    client.check_server_liveness()
    client.check_server_readiness()
    client.check_model_readiness("pulsar")
    client.check_model_version_readiness("pulsar", "1")
    yield "live, ready, model ready", "True"
    model = client.read_model_metadata("pulsar")
    yield "model", f"{len(model.inputs)} inputs, versions {model.versions}"
    for n in asked.sizes():
        table = RequestInput(
            name="features",
            shape=[n, len(asked.names)],
            datatype="FP64",
            data=asked.features[:n].tolist(),
        )
        answer = client.model_infer(
            "pulsar", request=InferenceRequest(id="7", inputs=[table])
        )
        told = dict(values_of(answer))
        heard = asked.same(told["probability"], told["predicted"])
        yield f"{n:,} in one tensor", f"{heard}, by {answer.model_version}"
        columns = [
            RequestInput(name=name, shape=[n], datatype="FP32", data=column.tolist())
            for name, column in zip(asked.names, asked.features[:n].T, strict=True)
        ]
        wanted = [RequestOutput(name=name) for name in ("predicted", "probability")]
        answer = client.model_version_infer(
            "pulsar", "1", request=InferenceRequest(inputs=columns, outputs=wanted)
        )
        told = dict(values_of(answer))
        heard = asked.same(told["probability"], told["predicted"])
        yield f"{n:,} by columns", heard
    yield (
        "an unknown model",
        refusal(ApiError, partial(client.read_model_metadata, "nothing")),
    )


def values_of(answer: Any) -> Iterator[tuple[str, list[Any]]]:
    for output in answer.outputs:
        yield output.name, output.data.dict()["__root__"]


def mlflow(asked: Asked) -> Told:
    """The one that MLflow asks its own scoring server with."""
    host, port = asked.url.removeprefix("http://").split(":")
    client = mlflow_client.ScoringServerClient(host, int(port))
    client.ping()
    yield "ping, without a token", "well"
    # It knows of no tokens, so that its calls go through a session which does.
    with requests.Session() as session:
        session.headers.update(asked.headers)
        mlflow_client.requests = session
        yield "version", client.get_version()
        for n in asked.sizes():
            rows = asked.features[:n]
            frame = pd.DataFrame(rows, columns=asked.names)
            shuffled = frame[asked.names[::-1]].assign(DM=67.9)
            sent = {"a frame": frame, "a frame in another order": shuffled}
            for what, data in {**sent, "an array": rows}.items():
                heard = client.invoke(data).get_predictions()
                same = asked.same(heard["probability"], heard["predicted"])
                yield f"{n:,} as {what}", same
        lacking = partial(client.invoke, frame.drop(columns=asked.names[0]))
        yield "a frame that lacks a column", refusal(Exception, lacking)


def refusal(kind: type[Exception], ask: Callable[[], object]) -> str:
    """How the client tells what the site has refused."""
    try:
        ask()
    except kind as error:
        return f"{type(error).__name__}: {error}".replace("\n", " ")
    sys.exit("It was not refused.")


CLIENTS = {"tritonclient": triton, "open-inference": open_inference, "MLflow": mlflow}

if __name__ == "__main__":
    main(*sys.argv[1:])
