"""What search keeps, by what it is about."""

from search.models.heartbeat import Heartbeat
from search.models.index import Feature, IndexBuild, RecallCheck
from search.models.learning import Calibration, Evaluation, Judgement, Network, Standing, TrainedHead
from search.models.questions import Enquiry, Query, QueryPhoto, UploadTally

__all__ = [
    "Calibration",
    "Enquiry",
    "Evaluation",
    "Feature",
    "Heartbeat",
    "IndexBuild",
    "Judgement",
    "Network",
    "Query",
    "QueryPhoto",
    "RecallCheck",
    "Standing",
    "TrainedHead",
    "UploadTally",
]
