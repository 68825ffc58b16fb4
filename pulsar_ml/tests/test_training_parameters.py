"""What may be set of each algorithm."""

import pytest

from pulsar_ml.errors import BadInput
from pulsar_ml.model import DEFAULTS
from pulsar_ml.training import parameters
from pulsar_ml.training.parameters import PARAMETERS


def test_the_defaults_are_those_that_the_model_uses():
    told = {
        algorithm: {parameter.name: parameter.default for parameter in known}
        for algorithm, known in PARAMETERS.items()
    }

    assert told == {algorithm: dict(used) for algorithm, used in DEFAULTS.items()}


@pytest.mark.parametrize("algorithm", PARAMETERS)
def test_each_default_and_each_end_may_be(algorithm):
    for parameter in PARAMETERS[algorithm]:
        for value in (parameter.low, parameter.default, parameter.high):
            assert parameter.check(value) == value
            assert parameter.read(f" {value} ") == value


@pytest.mark.parametrize(
    "value", [0, 1001, True, 5.0, "5", None, float("nan"), float("inf")]
)
def test_a_whole_number_within_its_ends_is_asked_for(value):
    leaf = parameters.of("random_forest", "min_samples_leaf")

    with pytest.raises(
        BadInput, match="min_samples_leaf is a whole number from 1 to 1000, not"
    ):
        leaf.check(value)


@pytest.mark.parametrize("text", ["", "x", "2,5", "nan", "-1", "100000"])
def test_what_was_typed_is_to_be_such_a_number(text):
    with pytest.raises(BadInput, match=f"C is a number from 0.0001 .* '?{text}"):
        parameters.of("logistic_regression", "C").read(text)


def test_a_whole_value_of_a_number_is_the_same_number():
    rate = parameters.of("gradient_boosting", "learning_rate")

    assert repr(rate.check(1)) == repr(rate.read("1")) == "1.0"


def test_who_asks_for_what_an_algorithm_does_not_have_is_told_what_it_has():
    with pytest.raises(BadInput, match=r"no parameter .depth., but C\."):
        parameters.of("logistic_regression", "depth")


def test_a_search_tries_each_with_each():
    assert parameters.candidates({}) == 1
    assert parameters.candidates({"a": [1, 2, 3], "b": [1, 2]}) == 6


@pytest.mark.parametrize("text", ["1" * 5000, "1" * 2000, "x" * 5000])
def test_what_is_refused_is_not_repeated_at_length(text):
    with pytest.raises(BadInput, match=r"to 2000, not '?[1x]{59}") as refused:
        parameters.of("random_forest", "n_estimators").read(text)

    assert len(str(refused.value)) < 130
