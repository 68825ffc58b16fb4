"""A Random Forest by scikit-learn alone, stored as MLflow stores models.

    PYTHON benchmarks/their_forest.py ROWS FOLDER

benchmarks/api.py runs it, by an interpreter that has MLflow: ROWS has what to learn
from and the parameters, as benchmarks/forest_site.py writes them.
"""

import json
import sys

import mlflow.sklearn
import numpy as np
from sklearn.ensemble import RandomForestClassifier  # noqa: TID253  # nothing else


def main(file: str, folder: str) -> None:
    """Fit and store it; its answer is the share of votes, for each of both classes."""
    known = np.load(file)
    told = json.loads(str(known["told"]))
    forest = RandomForestClassifier(
        **told["parameters"], random_state=told["seed"], n_jobs=1
    )
    forest.fit(known["features"], known["labels"])
    mlflow.sklearn.save_model(
        forest,
        folder,
        pyfunc_predict_fn="predict_proba",
        # Else it would look for what the model needs, in processes of its own.
        pip_requirements=["scikit-learn"],
        # It is our own.
        skops_trusted_types=["sklearn.tree._tree.Tree"],
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
