"""What a range is computed with beside the comparables: plain numbers, as JSON in and out."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Self

METHOD = "comparables-1"


@dataclass(frozen=True, slots=True)
class Model:
    """Fitted on a house's own sales in one currency. Never changed after; `drift` widens what it says."""

    currency: str
    data: dict[str, Any] = field(default_factory=dict)
    method: str = METHOD

    @property
    def digest(self) -> str:
        """sha256 of its numbers, whatever their order."""
        return hashlib.sha256(json.dumps(self.to_data(), sort_keys=True).encode()).hexdigest()

    @property
    def name(self) -> str:
        return f"{self.method}-{self.currency}-{self.digest[:12]}"

    def to_data(self) -> dict[str, Any]:
        return {"method": self.method, "currency": self.currency, "data": self.data}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Raises ValueError where the data are not a model's."""
        try:
            return cls(data["currency"], data["data"], data["method"])
        except (KeyError, TypeError) as error:
            raise ValueError("These are not the numbers of a price model.") from error
