"""All pages of a deployment, put into the application."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask

from gateway.pages.assets import assets, load_assets
from gateway.pages.auditor import auditors_room
from gateway.pages.demo import DemoAccount, check_on_loopback, demo_pages
from gateway.pages.public import public_pages
from gateway.pages.researcher import workbench
from gateway.pages.site import share
from gateway.pages.steward import studio
from gateway.ports import Service

__all__ = ["register_pages"]


def register_pages(app: Flask, service: Service, demo: Sequence[DemoAccount] = ()) -> None:
    """Add all pages.

    Args:
        app: The application; its gate lets people in.
        service: The deployment.
        demo: Accounts of made-up people that anybody may use; none outside of a demo.

    Raises:
        OperatorError: If there are such accounts, and others than this machine's users come in.
    """
    if demo:
        check_on_loopback(service.settings)
    files = load_assets()
    share(app, service, files, is_demo=bool(demo))
    app.register_blueprint(assets(files))
    app.register_blueprint(public_pages(service))
    app.register_blueprint(workbench(service))
    app.register_blueprint(studio(service))
    app.register_blueprint(auditors_room(service))
    if demo:
        app.register_blueprint(demo_pages(demo))
