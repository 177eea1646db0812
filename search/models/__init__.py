"""What search keeps, by what it is about."""

from search.models.heartbeat import Heartbeat
from search.models.index import Feature, IndexBuild, RecallCheck
from search.models.learning import Calibration, Evaluation, Judgement, Network, Standing, TrainedHead
from search.models.operation import Measurement
from search.models.prices import Appraisal, BackTest, PriceModel, Workfile, WorkfilePhoto
from search.models.questions import Enquiry, Query, QueryPhoto, UploadTally

__all__ = [
    "Appraisal",
    "BackTest",
    "Calibration",
    "Enquiry",
    "Evaluation",
    "Feature",
    "Heartbeat",
    "IndexBuild",
    "Judgement",
    "Measurement",
    "Network",
    "PriceModel",
    "Query",
    "QueryPhoto",
    "RecallCheck",
    "Standing",
    "TrainedHead",
    "UploadTally",
    "Workfile",
    "WorkfilePhoto",
]
