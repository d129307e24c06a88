"""Sign-up, sign-in, sign-out, and what a learner may do with their own account."""

from fastapi import APIRouter, Request, Response
from pydantic import Field

from tutor.domain.learner import Learner
from tutor.domain.value import Value
from tutor.services.accounts import Session
from tutor.services.ports import StoredRow
from tutor.services.services import Services
from tutor.web.api.refusal import TAKEN
from tutor.web.api.signed import Signed
from tutor.web.identity import cookie, token_of


class Credentials(Value):
    """A name and a password."""

    name: str = Field(max_length=200)
    password: str = Field(max_length=1000)


class Goodbye(Value):
    """A learner who wants to be forgotten. Guests have no password."""

    password: str = Field(default="", max_length=1000)


class NewPassword(Value):
    """A change of password."""

    old: str = Field(max_length=1000)
    new: str = Field(max_length=1000)


class SignedIn(Value):
    """An open session. Browsers get it as a cookie; programs send the token as a bearer."""

    learner: Learner
    token: str
    expires_at: str


def router(services: Services) -> APIRouter:
    """The routes under /auth."""
    auth = APIRouter(prefix="/auth", tags=["auth"])
    accounts = services.accounts

    def signed_in(request: Request, response: Response, session: Session) -> SignedIn:
        response.headers["set-cookie"] = cookie(request, session.token, session.expires_at)
        response.headers["cache-control"] = "no-store"
        return SignedIn(
            learner=session.learner, token=session.token, expires_at=session.expires_at.isoformat()
        )

    @auth.post("/sign-up", status_code=201, responses=TAKEN)
    async def sign_up(request: Request, response: Response, who: Credentials) -> SignedIn:
        session = await accounts.sign_up(who.name, who.password, _address(request))
        return signed_in(request, response, session)

    @auth.post("/sign-in")
    async def sign_in(request: Request, response: Response, who: Credentials) -> SignedIn:
        session = await accounts.sign_in(who.name, who.password, _address(request))
        return signed_in(request, response, session)

    @auth.post("/guest", status_code=201)
    async def guest(request: Request, response: Response) -> SignedIn:
        return signed_in(request, response, await accounts.guest(_address(request)))

    @auth.post("/sign-out", status_code=204)
    async def sign_out(request: Request, response: Response) -> None:
        token = token_of(request)
        if token is not None:
            await accounts.sign_out(token)
        response.headers["set-cookie"] = cookie(request, "", None)

    @auth.post("/password")
    async def password(
        request: Request, response: Response, learner: Signed, change: NewPassword
    ) -> SignedIn:
        session = await accounts.change_password(learner, change.old, change.new)
        return signed_in(request, response, session)

    @auth.get("/me/data")
    async def data(response: Response, learner: Signed) -> dict[str, tuple[StoredRow, ...]]:
        """Everything that is kept of the learner, by table."""
        response.headers["content-disposition"] = 'attachment; filename="my-lessons.json"'
        response.headers["cache-control"] = "no-store"
        return await services.privacy.everything(learner)

    @auth.post("/me/delete", status_code=204)
    async def delete(request: Request, response: Response, learner: Signed, who: Goodbye) -> None:
        """Delete the learner with all that is theirs, at once and for good."""
        await accounts.delete(learner, who.password)
        response.headers["set-cookie"] = cookie(request, "", None)

    @auth.get("/me")
    async def me(learner: Signed) -> Learner:
        return learner

    return auth


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
