"""`/api/v1/areas/{area}/rules`: what raises an alert there, now and before."""

from typing import Annotated

from litestar import Response, delete, get, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, PathParameter, QueryParameter

from hydroalert.api.areas.routes import AreaCode
from hydroalert.api.callers.may import may
from hydroalert.api.problems import documented
from hydroalert.api.rules.views import RuleList, RuleVersion, SavedRule, show_rule
from hydroalert.api.services import Services
from hydroalert.domain.actors import Caller, Role, Scope
from hydroalert.domain.errors import InvalidInput
from hydroalert.domain.rules import Rule
from hydroalert.store.reading import reading
from hydroalert.store.rules import list_rules, remarks_on, retire_rule, rule_versions, save_rule
from hydroalert.store.writing import writing

MAX_BODY_BYTES = 64 * 1024

_RuleCode = Annotated[str, PathParameter(description="The rule's code")]
_CREATED = {201: ResponseSpec(SavedRule, description="Put in force for the first time", generate_examples=False)}


@get(
    "/api/v1/areas/{area:str}/rules",
    tags=["rules"],
    summary="The rules of an area",
    guards=[may(Role.VIEWER, Scope.RULES_READ)],
    responses=documented(400, 404, 503),
)
async def list_area_rules(
    area: AreaCode,
    services: NamedDependency[Services],
    retired: Annotated[bool, QueryParameter(description="With those out of force")] = False,
) -> RuleList:
    """The newest version of each that is in force, by code."""
    async with reading(services.readings) as connection:
        found = await list_rules(connection, area, retired=retired)
    return RuleList(area, [show_rule(one) for one in found])


@get(
    "/api/v1/areas/{area:str}/rules/{rule:str}",
    tags=["rules"],
    summary="One rule, its newest version",
    guards=[may(Role.VIEWER, Scope.RULES_READ)],
    responses=documented(404, 503),
)
async def read_rule(area: AreaCode, rule: _RuleCode, services: NamedDependency[Services]) -> RuleVersion:
    """In force, or retired where it says so."""
    async with reading(services.readings) as connection:
        versions = await rule_versions(connection, area, rule)
    return show_rule(versions[-1])


@get(
    "/api/v1/areas/{area:str}/rules/{rule:str}/versions",
    tags=["rules"],
    summary="Every version of a rule",
    guards=[may(Role.VIEWER, Scope.RULES_READ)],
    responses=documented(404, 503),
)
async def list_versions(area: AreaCode, rule: _RuleCode, services: NamedDependency[Services]) -> RuleList:
    """The first first."""
    async with reading(services.readings) as connection:
        versions = await rule_versions(connection, area, rule)
    return RuleList(area, [show_rule(one) for one in versions])


@put(
    "/api/v1/areas/{area:str}/rules/{rule:str}",
    tags=["rules"],
    summary="Put a rule in force",
    guards=[may(Role.ADMIN, Scope.RULES_WRITE)],
    request_max_body_size=MAX_BODY_BYTES,
    responses=documented(400, 404, 409, 413, 503) | _CREATED,
)
async def put_rule(
    area: AreaCode,
    rule: _RuleCode,
    data: JSONBody[Rule],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> Response[SavedRule]:
    """Who calls answers for it. One that is in force word for word adds no version."""
    if data.code != rule:
        raise InvalidInput(
            f"the rule's code is {data.code!r} and its path says {rule!r}: they must be the same", "code"
        )
    async with writing(services.writings, caller.actor) as connection:
        known = {one.rule.code for one in await list_rules(connection, area, retired=True)}
        await save_rule(connection, area, data, caller.actor.name)
        remarks = await remarks_on(connection, area, data)
        stored = (await rule_versions(connection, area, rule))[-1]
    return Response(SavedRule(show_rule(stored), remarks), status_code=200 if rule in known else 201)


@delete(
    "/api/v1/areas/{area:str}/rules/{rule:str}",
    tags=["rules"],
    summary="Put a rule out of force",
    guards=[may(Role.ADMIN, Scope.RULES_WRITE)],
    responses=documented(404, 503),
)
async def delete_rule(
    area: AreaCode, rule: _RuleCode, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> None:
    """Its versions are kept; putting it again puts it in force again."""
    async with writing(services.writings, caller.actor) as connection:
        await retire_rule(connection, area, rule)
