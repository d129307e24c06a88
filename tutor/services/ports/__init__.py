"""What the use cases need from the outside world. Adapters provide it; wiring brings them together."""

from tutor.services.ports.accounts import Account, AccountStore, PasswordHasher
from tutor.services.ports.courses import CourseSource
from tutor.services.ports.models import ChatModel, Encoder, Guard, TopicModel
from tutor.services.ports.practice import PracticeStore, ProgressStore
from tutor.services.ports.records import RecordStore, SpentTokens, StoredRow
from tutor.services.ports.turns import SpendingStore, TurnStore, UsageStore
from tutor.services.ports.voice import EndOfTurn, Speaker, Transcriber, VoiceActivity

__all__ = [
    "Account",
    "AccountStore",
    "ChatModel",
    "CourseSource",
    "Encoder",
    "EndOfTurn",
    "Guard",
    "PasswordHasher",
    "PracticeStore",
    "ProgressStore",
    "RecordStore",
    "Speaker",
    "SpendingStore",
    "SpentTokens",
    "StoredRow",
    "TopicModel",
    "Transcriber",
    "TurnStore",
    "UsageStore",
    "VoiceActivity",
]
