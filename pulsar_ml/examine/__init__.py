"""Open a model from elsewhere, and believe nothing of it before it is seen.

`python -m pulsar_ml.examine FOLDER` runs as a child process that has no environment, no
network and little of everything else. The folder has

``order.json``
    what is asked and allowed; see `pulsar_ml.examine.order`.
``came``
    the file as it came.
``card.json``, ``trained_on.txt``
    what its owner sent along, if anything.
``rows.npz``
    rows of a hold-out that a card's figures can be compared on, if there are any.

It tells each check in a line of JSON, and leaves ``report.json`` and ``model/``. With
`--complete` the same child makes ``artefact/`` of a model that has passed.
"""
