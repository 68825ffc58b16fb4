"""How somebody makes, at home, an ONNX that this site takes."""

RECIPE = """\
from onnx import TensorProto, helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType

made = convert_sklearn(
    model,  # a fitted classifier on the eight features, 1 for a pulsar
    initial_types=[("features", FloatTensorType([None, 8]))],
    options={id(model): {"zipmap": False}},
    target_opset={"": 17, "ai.onnx.ml": 3},
)
graph = made.graph
pulsar = helper.make_tensor("pulsar", TensorProto.INT64, [1], [1])
graph.initializer.append(pulsar)
scores = [graph.output[1].name, "pulsar"]
graph.node.append(helper.make_node("Gather", scores, ["probability"], axis=1))
del graph.output[:]
graph.output.append(
    helper.make_tensor_value_info("probability", TensorProto.FLOAT, [None, 1])
)
with open("model.onnx", "wb") as file:
    file.write(made.SerializeToString())
"""
