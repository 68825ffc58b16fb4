"""Addresses under /dispatch/."""

from django.urls import path

from dispatch.views import (
    connections,
    editing,
    index,
    positions,
    removal,
    runs,
    schedules,
    slots,
    switching,
    testing,
)

app_name = "dispatch"
urlpatterns = [
    path("", index.index, name="index"),
    # Before the slugs: no schedule is called as they are.
    path("new/", editing.new, name="new"),
    path("connections/", connections.connections, name="connections"),
    path("connections/<slug:slug>/", connections.test, name="connection-test"),
    path("runs/", runs.runs, name="runs"),
    path("runs/<int:pk>/", runs.run, name="run"),
    path("runs/<int:pk>/progress/", runs.progress, name="run-progress"),
    path("runs/<int:pk>/log/", runs.log, name="run-log"),
    path("runs/<int:pk>/cancel/", runs.cancel_run, name="run-cancel"),
    path("runs/<int:pk>/retry/", runs.retry_run, name="run-retry"),
    path("removed/<int:pk>/restore/", removal.restore_schedule, name="restore"),
    path("<slug:slug>/", schedules.schedule, name="schedule"),
    path("<slug:slug>/edit/", editing.edit, name="edit"),
    path("<slug:slug>/copy/", editing.copy, name="copy"),
    path("<slug:slug>/test/", testing.test, name="test"),
    path("<slug:slug>/remove/", removal.remove_schedule, name="remove"),
    path("<slug:slug>/slots/", slots.slots, name="slots"),
    path("<slug:slug>/pause/", switching.pause, name="pause"),
    path("<slug:slug>/resume/", switching.resume, name="resume"),
    path("<slug:slug>/skip/", switching.skip, name="skip"),
    path("<slug:slug>/unskip/", switching.unskip, name="unskip"),
    path("<slug:slug>/run-now/", switching.run_now, name="run-now"),
    path("<slug:slug>/rewind/", positions.rewind, name="rewind"),
    path("<slug:slug>/rewind/undo/", positions.undo, name="rewind-undo"),
    path("<slug:slug>/mend/", switching.mend, name="mend"),
]
