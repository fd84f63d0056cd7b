"""`/api/v1/accounts`: what administrators do about accounts; the command line calls the same functions."""

import secrets
from typing import Annotated

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter
from litestar.status_codes import HTTP_200_OK

from hydroalert.accounts.administration import (
    add_person,
    change_role,
    disable,
    enable,
    log_out_everywhere,
    remove_person,
    reset_password,
    take_second_factor,
)
from hydroalert.api.accounts.desk import MAX_BODY_BYTES, SECRET
from hydroalert.api.accounts.views import (
    Account,
    AccountList,
    AddedAccount,
    Changes,
    DrawnPassword,
    EndedLogins,
    NewAccount,
    show_account,
)
from hydroalert.api.callers.may import may
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.actors import Caller, Role
from hydroalert.store.accounts import list_accounts, read_account
from hydroalert.store.reading import reading
from hydroalert.store.writing import writing

_Name = Annotated[str, PathParameter(description="The account's name")]
_ADMINISTRATORS = may(Role.ADMIN)


@get(
    "/api/v1/accounts",
    tags=["accounts"],
    summary="All accounts",
    guards=[_ADMINISTRATORS],
    responses=documented(401, 403, 503),
)
async def list_all_accounts(services: NamedDependency[Services]) -> AccountList:
    """By name."""
    async with reading(services.readings) as connection:
        found = await list_accounts(connection, services.clock())
    return AccountList([show_account(one) for one in found])


@get(
    "/api/v1/accounts/{name:str}",
    tags=["accounts"],
    summary="One account",
    guards=[_ADMINISTRATORS],
    responses=documented(401, 403, 404, 503),
)
async def read_one_account(name: _Name, services: NamedDependency[Services]) -> Account:
    """With how many logins and keys would end with it."""
    async with reading(services.readings) as connection:
        return show_account(await read_account(connection, name, services.clock()))


@post(
    "/api/v1/accounts",
    tags=["accounts"],
    summary="Add an account; its first password is in this answer only",
    guards=[_ADMINISTRATORS],
    request_max_body_size=MAX_BODY_BYTES,
    cache_control=SECRET,
    responses=documented(400, 401, 403, 409, 413, 503),
)
async def post_account(
    data: JSONBody[NewAccount], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> AddedAccount:
    """The password is drawn here, and must be changed at the first login."""
    async with writing(services.writings, caller.actor) as connection:
        password = await add_person(connection, services.hasher, data.name, data.role, secrets.token_bytes)
        account = await read_account(connection, data.name, services.clock())
    return AddedAccount(show_account(account), password)


@patch(
    "/api/v1/accounts/{name:str}",
    tags=["accounts"],
    summary="Give another role; enable or disable",
    guards=[_ADMINISTRATORS],
    request_max_body_size=MAX_BODY_BYTES,
    responses=documented(400, 401, 403, 404, 409, 413, 503),
)
async def patch_account(
    name: _Name, data: JSONBody[Changes], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> Account:
    """It counts at once. Nobody changes their own role; the last administrator stays one."""
    now = services.clock()
    async with writing(services.writings, caller.actor) as connection:
        if data.role is not None:
            await change_role(connection, name, data.role, now, by=caller.actor.account_id)
        if data.enabled is not None:
            await (enable if data.enabled else disable)(connection, name, now)
        return show_account(await read_account(connection, name, now))


@delete(
    "/api/v1/accounts/{name:str}",
    tags=["accounts"],
    summary="Remove an account with its logins and keys",
    guards=[_ADMINISTRATORS],
    responses=documented(401, 403, 404, 409, 503),
)
async def delete_account(name: _Name, services: NamedDependency[Services], caller: NamedDependency[Caller]) -> None:
    """What was assigned to it is assigned to nobody. What it did stays, under its name. Disabling can be undone."""
    async with writing(services.writings, caller.actor) as connection:
        await remove_person(connection, name, services.clock())


@post(
    "/api/v1/accounts/{name:str}/password",
    tags=["accounts"],
    summary="Give a new password, which is in this answer only; ends its logins",
    guards=[_ADMINISTRATORS],
    status_code=HTTP_200_OK,
    cache_control=SECRET,
    responses=documented(401, 403, 404, 503),
)
async def post_account_password(
    name: _Name, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> DrawnPassword:
    """It is drawn here, and must be changed at the next login. Keys stay as they are."""
    async with writing(services.writings, caller.actor) as connection:
        password = await reset_password(
            connection, services.hasher, name, services.clock(), random_bytes=secrets.token_bytes
        )
    return DrawnPassword(password)


@post(
    "/api/v1/accounts/{name:str}/logout",
    tags=["accounts"],
    summary="End all logins of an account at once",
    guards=[_ADMINISTRATORS],
    status_code=HTTP_200_OK,
    responses=documented(401, 403, 404, 503),
)
async def post_account_logout(
    name: _Name, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> EndedLogins:
    """It may log in again; to prevent that, disable it."""
    async with writing(services.writings, caller.actor) as connection:
        return EndedLogins(await log_out_everywhere(connection, name, services.clock()))


@delete(
    "/api/v1/accounts/{name:str}/second-factor",
    tags=["accounts"],
    summary="Remove the second factor of who lost it",
    guards=[_ADMINISTRATORS],
    responses=documented(401, 403, 404, 503),
)
async def delete_account_second_factor(
    name: _Name, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> None:
    """Be sure who asks for it: from now on the password is enough."""
    async with writing(services.writings, caller.actor) as connection:
        await take_second_factor(connection, name, services.clock())
