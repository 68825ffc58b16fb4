"""What others reached on HTRU2, to stand beside our own figures."""

from typing import Any

LYON = "Lyon et al. 2016, MNRAS 459, 1104"
XIAO = "Xiao et al. 2020, MNRAS 492, 2119"
_FIGURES = ("recall", "precision", "fpr", "g_mean", "f1", "accuracy")
# The same eight features; tests were not oversampled.
_PUBLISHED: tuple[tuple[str, tuple[float | None, ...], str], ...] = (
    ("C4.5", (0.904, 0.635, 0.051, 0.926, 0.740, 0.946), LYON),
    ("multilayer perceptron", (0.913, 0.650, 0.050, 0.931, 0.752, 0.947), LYON),
    ("naive Bayes", (0.863, 0.579, 0.057, 0.902, 0.692, 0.937), LYON),
    ("support-vector machine", (0.871, 0.723, 0.031, 0.919, 0.789, 0.961), LYON),
    ("GH-VFDT", (0.829, 0.899, 0.008, 0.907, 0.862, 0.978), LYON),
    ("PNCN", (0.831, 0.923, 0.007, None, None, None), XIAO),
)


def published() -> list[dict[str, Any]]:
    """List published figures for HTRU2.

    Returns
    -------
    list of dict
        With name; recall, precision, fpr, g_mean, f1 and accuracy, None where it was
        not given; source.
    """
    return [
        {"name": name, **dict(zip(_FIGURES, figures, strict=True)), "source": source}
        for name, figures, source in _PUBLISHED
    ]
