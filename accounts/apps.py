"""The app, as Django sees it."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import capitals  # noqa: PLC0415  # models need every app
        from accounts.privacy import places  # noqa: PLC0415

        capitals.register()
        # Who tried to log in, from where: kept by axes under the name that was typed.
        for table in ("AccessAttempt", "AccessFailureLog", "AccessLog"):
            places.declare(f"axes.{table}.username", places.Holds.NAME, goes=True)
