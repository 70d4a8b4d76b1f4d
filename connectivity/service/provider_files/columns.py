"""The columns of the work file, out and back (program.md 5.3). Pure."""

from connectivity.service.provider_files.headings import Column

COLUMNS = (
    Column("record_id", "Our number of the record, E and digits", required=True, also=("Record", "Record number")),
    Column("membership_code", "The family's code", required=True, also=("Code", "Promo code", "Sponsor code")),
    Column("isp", "The provider"),
    Column("account_last4", "Last four digits of the provider's account", also=("Account", "Account number")),
    Column("account_holder_last_name", "Last name of the adult", required=True, also=("Last name",)),
    Column("service_address", "Where the connection goes", required=True, also=("Address",)),
    Column("service_type", "wired, hotspot or smartphone"),
    Column("plan", "Name of the plan"),
    Column("down_mbps", "Download speed of the plan"),
    Column("up_mbps", "Upload speed of the plan"),
    Column("order_date", "The day service was ordered"),
    Column("kit_shipped_date", "The day the kit was shipped"),
    Column("install_date", "The day it was installed"),
    Column("status", "What the provider says: one of its words", required=True),
    Column("status_date", "The day of that status; empty: the day we receive the file"),
    Column("disconnect_date", "The day service ended"),
    Column("disconnect_reason", "Why service ended"),
    Column(
        "last_updated",
        "The day you last changed this row: it only tells an older file from a newer one",
        also=("Updated", "Last update"),
    ),
)
HEADER = tuple(one.name for one in COLUMNS)
COLUMN = {one.name: one for one in COLUMNS}


def record_id(enrollment_id: int) -> str:
    """`E123`."""
    return f"E{enrollment_id}"


def read_record_id(text: str) -> int | None:
    """The enrollment a record id names: `E123`, `e123`, `123`, also as a spreadsheet's `123.0`. None for anything else."""
    bare = text.strip().upper().removeprefix("E").removesuffix(".0")
    return int(bare) if bare.isascii() and bare.isdecimal() and len(bare) < 10 else None
