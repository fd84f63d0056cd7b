"""One's own second factor: begun, confirmed, removed."""

import secrets

from litestar import delete, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK

from hydroalert.accounts.own import drop_second_factor, set_up_second_factor
from hydroalert.accounts.second_factor import begin_factor
from hydroalert.accounts.totp import qr_svg, shown_secret, uri_of
from hydroalert.accounts.tries import Attempt
from hydroalert.api.accounts.desk import MAX_BODY_BYTES, SECRET, account_of, desk_of, password_refused, place_of
from hydroalert.api.accounts.views import Confirming, Enrolment, Proving, RecoveryCodes
from hydroalert.api.callers.may import may
from hydroalert.api.callers.rates import PROVING
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.actors import Caller, Role
from hydroalert.store.writing import writing


@post(
    "/api/v1/account/second-factor",
    tags=["accounts"],
    summary="Begin a second factor: a secret for an authenticator app",
    guards=[may(Role.VIEWER, own=True)],
    status_code=HTTP_200_OK,
    cache_control=SECRET,
    responses=documented(401, 403, 409, 503),
)
async def post_second_factor(services: NamedDependency[Services], caller: NamedDependency[Caller]) -> Enrolment:
    """Nothing is asked for until a code confirms it; begun again, the secret before is void."""
    account_id, _ = account_of(caller)
    async with writing(services.writings, caller.actor) as connection:
        secret = await begin_factor(connection, services.sealer, account_id, secrets.token_bytes)
    uri = uri_of(secret, caller.actor.name)
    return Enrolment(shown_secret(secret), uri, qr_svg(uri))


@post(
    "/api/v1/account/second-factor/confirm",
    tags=["accounts"],
    summary="Confirm the second factor by a code and the password; shows the recovery codes once",
    guards=[may(Role.VIEWER, own=True, rate=PROVING)],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_200_OK,
    cache_control=SECRET,
    responses=documented(400, 401, 403, 409, 413, 429, 503),
)
async def confirm_second_factor(
    data: JSONBody[Confirming], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> RecoveryCodes:
    """From now on each login needs a code. Keep the recovery codes where the phone is not."""
    attempt = Attempt(caller.actor.name, data.password, place_of(caller))
    answer = await set_up_second_factor(desk_of(services), attempt, data.code, caller.actor, services.clock())
    if not isinstance(answer, list):
        raise password_refused(answer)
    return RecoveryCodes(answer)


@delete(
    "/api/v1/account/second-factor",
    tags=["accounts"],
    summary="Remove the second factor; needs the password",
    guards=[may(Role.VIEWER, own=True, rate=PROVING)],
    request_max_body_size=MAX_BODY_BYTES,
    responses=documented(400, 401, 403, 413, 429, 503),
)
async def delete_second_factor(
    data: JSONBody[Proving], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> None:
    """Its recovery codes are void too."""
    attempt = Attempt(caller.actor.name, data.password, place_of(caller))
    refusal = await drop_second_factor(desk_of(services), attempt, caller.actor, services.clock())
    if refusal is not None:
        raise password_refused(refusal)
