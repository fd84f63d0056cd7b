"""The HTTP application: every route, every mapping, nothing read from the environment."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, cast

from litestar import Litestar, Request
from litestar.di import Provide
from litestar.types import ASGIApp, ControllerRouterHandler

from hydroalert.api.accounts.administration import (
    delete_account,
    delete_account_second_factor,
    list_all_accounts,
    patch_account,
    post_account,
    post_account_logout,
    post_account_password,
    read_one_account,
)
from hydroalert.api.accounts.keys import delete_key, list_all_keys, post_key
from hydroalert.api.accounts.login import post_login, post_logout, post_refresh
from hydroalert.api.accounts.own import delete_own_login, list_own_logins, post_own_password, read_own_account
from hydroalert.api.accounts.second_factor import confirm_second_factor, delete_second_factor, post_second_factor
from hydroalert.api.alerts.acting import decide, end_decision, say
from hydroalert.api.alerts.routes import list_alerts, read_alert
from hydroalert.api.alerts.why import explain_alert, explain_area
from hydroalert.api.areas.changing import delete_area, delete_informing, put_area, put_informing
from hydroalert.api.areas.routes import list_areas, list_informing, read_area
from hydroalert.api.audit.routes import read_audit
from hydroalert.api.backtests.routes import replay_rules
from hydroalert.api.callers.declared import DeclaredAccess
from hydroalert.api.callers.listing import DeclaredRoute, routes_of
from hydroalert.api.callers.may import caller_of
from hydroalert.api.callers.origins import CrossOrigin
from hydroalert.api.callers.proxies import Proxied
from hydroalert.api.cap.routes import read_cap_feed, read_cap_message
from hydroalert.api.conflicts.routes import list_all_conflicts, prefer
from hydroalert.api.datastreams.changing import (
    delete_datastream_maintenance,
    post_flag,
    put_datastream,
    put_datastream_maintenance,
)
from hydroalert.api.datastreams.quality import put_quality, read_quality
from hydroalert.api.deliveries.routes import list_all_deliveries, read_one_delivery, resend_delivery
from hydroalert.api.devices.changing import patch_device, post_device, post_device_key, post_revocation, put_filling
from hydroalert.api.devices.routes import list_devices, read_device
from hydroalert.api.evidence.routes import add_evidence, read_evidence
from hydroalert.api.frames.routes import post_frame
from hydroalert.api.handshakes import Handshakes, keep_refusal
from hydroalert.api.health.routes import read_details, read_liveness, read_readiness
from hydroalert.api.live.sse import stream
from hydroalert.api.live.websocket import follow
from hydroalert.api.metrics.routes import read_metrics
from hydroalert.api.observations.routes import list_observations
from hydroalert.api.observed import Observed
from hydroalert.api.pages.routes import PAGES, asset_routers
from hydroalert.api.pages.schema import schema_config
from hydroalert.api.patience import Patient
from hydroalert.api.problems import answer_with_problem
from hydroalert.api.refused.routes import list_refused_frames, read_refused_frame, retry_refused_frames
from hydroalert.api.reports.personal import erase_report, read_report_contact
from hydroalert.api.reports.routes import list_public, submit_report
from hydroalert.api.reports.tracked import (
    add_to_tracked,
    erase_tracked,
    export_tracked,
    read_tracked,
    withdraw_tracked,
)
from hydroalert.api.rules.routes import delete_rule, list_area_rules, list_versions, put_rule, read_rule
from hydroalert.api.services import Services
from hydroalert.api.serving import Serving, services_of
from hydroalert.api.shelters.changing import delete_shelter, patch_shelter, post_count, put_shelter
from hydroalert.api.shelters.nearest import find_nearest
from hydroalert.api.shelters.routes import list_all_shelters, list_counts, read_one_shelter
from hydroalert.api.stations.changing import (
    delete_station,
    delete_station_maintenance,
    put_station,
    put_station_maintenance,
)
from hydroalert.api.stations.importing import import_stations
from hydroalert.api.stations.routes import list_datastreams, list_stations, read_station
from hydroalert.api.subscriptions.routes import (
    delete_subscription,
    list_all_subscriptions,
    patch_subscription,
    post_subscription,
    read_one_subscription,
)
from hydroalert.api.triage.deciding import assign_report, confirm_by_report, decide_report, note_report
from hydroalert.api.triage.measures import read_measures
from hydroalert.api.triage.routes import list_queue, list_report_clusters, read_triaged
from hydroalert.domain.actors import Caller

_ROUTES: list[ControllerRouterHandler] = [
    *PAGES,
    list_stations,
    read_station,
    put_station,
    delete_station,
    put_station_maintenance,
    delete_station_maintenance,
    import_stations,
    list_datastreams,
    put_datastream,
    put_datastream_maintenance,
    delete_datastream_maintenance,
    read_quality,
    put_quality,
    list_observations,
    post_flag,
    list_all_conflicts,
    prefer,
    list_areas,
    read_area,
    put_area,
    delete_area,
    list_informing,
    put_informing,
    delete_informing,
    list_area_rules,
    read_rule,
    list_versions,
    put_rule,
    delete_rule,
    replay_rules,
    list_devices,
    read_device,
    post_device,
    patch_device,
    put_filling,
    post_device_key,
    post_revocation,
    list_refused_frames,
    read_refused_frame,
    retry_refused_frames,
    post_frame,
    list_alerts,
    read_alert,
    explain_alert,
    explain_area,
    say,
    decide,
    end_decision,
    list_all_shelters,
    find_nearest,
    read_one_shelter,
    list_counts,
    put_shelter,
    patch_shelter,
    delete_shelter,
    post_count,
    stream,
    follow,
    read_cap_feed,
    read_cap_message,
    submit_report,
    list_public,
    read_tracked,
    add_to_tracked,
    withdraw_tracked,
    export_tracked,
    erase_tracked,
    add_evidence,
    read_evidence,
    list_queue,
    list_report_clusters,
    read_measures,
    read_triaged,
    decide_report,
    assign_report,
    note_report,
    confirm_by_report,
    read_report_contact,
    erase_report,
    list_all_subscriptions,
    read_one_subscription,
    post_subscription,
    patch_subscription,
    delete_subscription,
    list_all_deliveries,
    read_one_delivery,
    resend_delivery,
    post_login,
    post_refresh,
    post_logout,
    read_own_account,
    post_own_password,
    list_own_logins,
    delete_own_login,
    post_second_factor,
    confirm_second_factor,
    delete_second_factor,
    list_all_accounts,
    post_account,
    read_one_account,
    patch_account,
    delete_account,
    post_account_password,
    post_account_logout,
    delete_account_second_factor,
    list_all_keys,
    post_key,
    delete_key,
    read_audit,
    read_liveness,
    read_readiness,
    read_details,
    read_metrics,
]


def create_app(services: Services) -> ASGIApp:
    """The application on these services. It opens and closes none of them: who made them does."""
    return served(application(), services)


def served(app: Litestar, services: Services) -> ASGIApp:
    """Those routes on these services. Litestar's own middleware stands behind its routing: what no route matches would
    go unseen."""
    shared = CrossOrigin(Handshakes(Patient(cast("ASGIApp", app))), services.settings.cors_origins)
    seen = Proxied(Observed(shared, services.meters), services.settings.trusted_proxies)
    return Serving(seen, services)


def declared_routes() -> list[DeclaredRoute]:
    """Every route there is, with its rule and rate, in the order of their paths."""
    return routes_of(application())


@cache
def application() -> Litestar:
    """Every route, made once: what they stand on comes with each request."""
    return Litestar(
        route_handlers=[*_ROUTES, *asset_routers()],
        dependencies={
            "services": Provide(services_of, sync_to_thread=False),
            "caller": Provide(_caller, sync_to_thread=False),
        },
        exception_handlers={Exception: answer_with_problem},
        after_exception=[keep_refusal],
        openapi_config=schema_config(_version()),
        plugins=[DeclaredAccess()],
        request_max_body_size=0,
        logging_config=None,
    )


def _caller(request: Request[Any, Any, Any]) -> Caller:
    return caller_of(request)


def _version() -> str:
    try:
        return version("hydroalert")
    except PackageNotFoundError:
        return "0"
