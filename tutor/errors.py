"""Every error that the project raises on purpose: `text` is for the learner, `code` is for the log."""

from typing import ClassVar


class TutorError(Exception):
    """The root. `str(error)` is the detail for the log; it never holds a secret or a learner's words."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    """The HTTP status that the API answers with."""
    retry_after: float | None = None
    """Seconds after which it is worth trying again, where that is known."""
    text: str = "Something went wrong on our side. Your work is safe; please try again."

    def __init__(self, detail: str = "", *, text: str | None = None) -> None:
        super().__init__(detail or self.code)
        if text is not None:
            self.text = text


class SettingsError(TutorError):
    """A setting that cannot be used. Raised at start, shown to the owner."""

    code = "settings"


class InvalidInput(TutorError):
    """What the learner sent cannot be used as it is."""

    code = "invalid_input"
    status = 422
    text = "That could not be read. Please try again with a short text message."


class MessageEmpty(InvalidInput):
    code = "message_empty"
    text = "There was nothing in that message. Type a question, or press the microphone and speak."


class MessageTooLong(InvalidInput):
    code = "message_too_long"
    status = 413
    text = "That message is too long to read at once. Send the part that matters, up to {limit} characters."


class MessageNotText(InvalidInput):
    code = "message_not_text"
    text = "That looks like a file rather than text. Copy the lines that matter into the box."


class AudioUnreadable(InvalidInput):
    code = "audio_unreadable"
    text = "That recording could not be read. Try again, or type your question."


class AudioTooLong(InvalidInput):
    code = "audio_too_long"
    status = 413
    text = "That recording is too long. Ask in at most {limit} seconds, one question at a time."


class NothingHeard(InvalidInput):
    code = "nothing_heard"
    text = "I could not hear any words. Check that your microphone is on, or type your question."


class NotFound(TutorError):
    code = "not_found"
    status = 404
    text = "That does not exist, or it is not yours."


class ChapterUnknown(NotFound):
    code = "chapter_unknown"
    text = "There is no such chapter. Choose one from the list."


class ConversationUnknown(NotFound):
    code = "conversation_unknown"
    text = "That conversation does not exist. Start a new one."


class InstructionRefused(InvalidInput):
    """A hidden instruction that is not in the catalogue, or whose parameters do not fit the course."""

    code = "instruction_refused"
    text = "The page asked for something that it may not. Reload it and try again."


class HintLocked(TutorError):
    code = "hint_locked"
    status = 409
    text = "That hint is not open yet. Open the one before it first."


class SignInRequired(TutorError):
    code = "sign_in_required"
    status = 401
    text = "Please sign in to go on."


class SessionExpired(SignInRequired):
    code = "session_expired"
    text = "You have been signed out. Sign in again; everything is where you left it."


class TicketRefused(TutorError):
    """A ticket of a course site that is not genuine, not for now, or used up."""

    code = "ticket_refused"
    status = 403
    text = "This way in has been used, or is too old. Go back to your course and open the lesson again."


class CredentialsWrong(TutorError):
    code = "credentials_wrong"
    status = 401
    text = "That name and password do not go together."


class NameTaken(TutorError):
    code = "name_taken"
    status = 409
    text = "That name is taken. Choose another one, or sign in."


class TooManyTries(TutorError):
    """Throttled."""

    code = "too_many_tries"
    status = 429
    text = "Too many tries. Please wait a minute and try again."

    def __init__(self, detail: str = "", *, retry_after: float, text: str | None = None) -> None:
        super().__init__(detail, text=text)
        self.retry_after = retry_after


class DayUsedUp(TooManyTries):
    """A learner used the tokens of models that a day has."""

    code = "day_used_up"
    text = "You have asked as much as this site allows in one day. You can ask again at midnight UTC."


class VoiceUsedUp(TooManyTries):
    """A learner used the minutes of talking that a day has."""

    code = "voice_used_up"
    text = "You have used today's minutes of talking. You can type, and talk again at midnight UTC."


class Busy(TutorError):
    """No free place right now."""

    code = "busy"
    status = 503
    text = "Many people are asking right now. Please try again in a moment."

    def __init__(
        self, detail: str = "", *, retry_after: float | None = None, text: str | None = None
    ) -> None:
        super().__init__(detail, text=text)
        self.retry_after = retry_after


class SiteClosing(Busy):
    """The process is about to end; another one takes over."""

    code = "site_closing"
    text = "This site is being restarted. Everything so far is kept. Please ask again in a minute."


class StoreUnavailable(TutorError):
    code = "store_unavailable"
    status = 503
    text = "Your message could not be saved just now, so it was not sent. Please try again in a moment."


class StoreFull(StoreUnavailable):
    code = "store_full"
    status = 507
    text = (
        "There is no room left to save your message, so it was not sent. Please tell the owner of this site."
    )


class BackupUnusable(TutorError):
    """A copy of the database that cannot be written or read. For the owner, on the command line."""

    code = "backup_unusable"
    status = 500
    text = "This file is no whole copy of a database of this program. Nothing was changed."


class RoomsOff(TutorError):
    """This site has no LiveKit server."""

    code = "rooms_off"
    status = 503
    text = "This site has no rooms. You can talk and type on the lesson page."


class CourseBroken(TutorError):
    """A course file that cannot be used. The detail names file, line and reason, for the author."""

    code = "course_broken"
    text = "This chapter has a mistake in its file and cannot be shown yet. The other chapters work."


class ModelMissing(TutorError):
    """A local model file that is absent, changed or unusable."""

    code = "model_missing"
    status = 503
    text = "The voice of this site is not installed completely. You can still type, and read the answers."


class ProviderError(TutorError):
    """A remote model could not do its work. Adapters raise one of these in place of the SDK's own."""

    code = "provider"
    status = 502
    text = "The teacher cannot be reached right now. Please try again in a moment."


class ProviderTimeout(ProviderError):
    code = "provider_timeout"


class ProviderUnreachable(ProviderError):
    """No connection, or a 5xx answer."""

    code = "provider_unreachable"


class ProviderRefusedKey(ProviderError):
    """401 or 403: the key is wrong or may not use this model."""

    code = "provider_key"


class ModelUnknown(ProviderError):
    """404: the provider does not have this model (any more)."""

    code = "model_unknown"


class RateLimited(ProviderError):
    """429. `retry_after` is what the provider said."""

    code = "rate_limited"

    def __init__(self, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class RequestRefused(ProviderError):
    """Another 4xx: our request does not fit this model. Says nothing of the model's health."""

    code = "request_refused"


class AnswerUnusable(ProviderError):
    """The provider answered, but with nothing that could be shown: empty, garbage, a refusal."""

    code = "answer_unusable"


def status_of(code: str) -> int:
    """The HTTP status that goes with an error code."""
    kinds = [TutorError]
    for kind in kinds:
        if kind.code == code:
            return kind.status
        kinds.extend(kind.__subclasses__())
    return TutorError.status
