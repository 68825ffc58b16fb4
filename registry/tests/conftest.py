"""What tests of the registry share with those of other apps."""

from showroom.tests.conftest import mailbox, reconfigured  # noqa: F401  # fixtures
