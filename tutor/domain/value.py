"""The base of every value in the domain: immutable, strict about unknown fields, JSON by nature."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable record. Change one with `model_copy(update=...)`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
