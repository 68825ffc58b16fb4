"""Addresses under /registry/."""

from django.urls import path

from registry.views import (
    asking,
    builds,
    datasets,
    freezing,
    importing,
    labels,
    run,
    runs,
    sentinels,
    versions,
)

app_name = "registry"
urlpatterns = [
    path("", versions.versions, name="versions"),
    path("datasets/", datasets.datasets, name="datasets"),
    path("datasets/import/", importing.import_file, name="dataset-import"),
    path("datasets/freeze/", freezing.freeze, name="dataset-freeze"),
    path("datasets/builds/<int:pk>/", builds.build, name="build"),
    path("datasets/builds/<int:pk>/cancel/", builds.cancel, name="build-cancel"),
    path("datasets/builds/<int:pk>/rejects.csv", builds.rejects, name="build-rejects"),
    path("datasets/<int:number>/", datasets.dataset, name="dataset"),
    path("datasets/<int:number>/note/", datasets.note, name="dataset-note"),
    path("datasets/<int:number>/<str:file>", datasets.download, name="dataset-file"),
    path("labels/", labels.labels, name="labels"),
    path("labels/import/", labels.import_file, name="labels-import"),
    path("labels/<int:pk>/withdraw/", labels.withdraw, name="label-withdraw"),
    path("labels/<int:pk>/restore/", labels.restore_label, name="label-restore"),
    path("sentinels/", sentinels.sentinels, name="sentinels"),
    path("sentinels/add/", sentinels.add, name="sentinels-add"),
    path("sentinels/<int:pk>/remove/", sentinels.remove, name="sentinel-remove"),
    path("sentinels/<int:pk>/restore/", sentinels.restore, name="sentinel-restore"),
    path("training/", runs.runs, name="runs"),
    path("training/new/", asking.new, name="run-new"),
    path("training/compare/", runs.compare, name="runs-compare"),
    path("training/chart/", runs.chart, name="runs-chart"),
    path("training/runs.csv", runs.as_csv, name="runs-csv"),
    path("training/experiments/", asking.experiments, name="experiments"),
    path("training/<int:pk>/", run.run, name="run"),
    path("training/<int:pk>/edit/", run.edit, name="run-edit"),
    path("training/<int:pk>/cancel/", run.cancel, name="run-cancel"),
    path("training/<int:pk>/resume/", run.resume, name="run-resume"),
    path("training/<int:pk>/again/", run.again, name="run-again"),
    path("training/<int:pk>/log/", run.log, name="run-log"),
    path("training/<int:pk>/files/<path:file>", run.file, name="run-file"),
    path("<slug:model>/<int:number>/", versions.version, name="version"),
    path("<slug:model>/<int:number>/card.json", versions.as_json, name="version-json"),
    path("<slug:model>/<int:number>/card.md", versions.as_markdown, name="version-md"),
    path(
        "<slug:model>/<int:number>/curves-<slug:theme>.json",
        versions.curves,
        name="version-curves",
    ),
    path(
        "<slug:model>/<int:number>/files/<str:name>",
        versions.file,
        name="version-file",
    ),
]
