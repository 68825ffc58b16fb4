"""What the Showroom keeps in the database."""

from showroom.models.audit import Draw, DrawnRow
from showroom.models.batch import BINS, Batch, BatchFile, Chunk
from showroom.models.candidate import Candidate
from showroom.models.catalogue import Catalogue, KnownPulsar
from showroom.models.correction import Correction
from showroom.models.download import Download
from showroom.models.prediction import Prediction
from showroom.models.verdict import Verdict

__all__ = [
    "BINS",
    "Batch",
    "BatchFile",
    "Candidate",
    "Catalogue",
    "Chunk",
    "Correction",
    "Download",
    "Draw",
    "DrawnRow",
    "KnownPulsar",
    "Prediction",
    "Verdict",
]
