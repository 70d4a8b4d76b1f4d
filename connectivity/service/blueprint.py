"""The blueprint every page of this room hangs on. Pages of one household stand under its address, the others under /service."""

from flask import Blueprint

blueprint = Blueprint("service", __name__)
