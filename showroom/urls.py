"""Addresses under /showroom/."""

from django.urls import path

from showroom.views import (
    again,
    batches,
    cases,
    compare,
    downloads,
    rows,
    shortlist,
    space,
    storage,
    uploads,
)

app_name = "showroom"
urlpatterns = [
    path("", uploads.showroom, name="index"),
    path("cases/", cases.case, name="case"),
    path("cases/<slug:slug>/", cases.ready_case, name="ready-case"),
    path("cases/<slug:slug>-<theme>.png", cases.ready_picture, name="ready-picture"),
    path("batches/<int:number>/", batches.batch, name="batch"),
    path("batches/<int:number>/progress/", batches.progress, name="batch-progress"),
    path("batches/<int:number>/cancel/", batches.cancel_batch, name="batch-cancel"),
    path("batches/<int:number>/resume/", batches.resume_batch, name="batch-resume"),
    path("batches/<int:number>/space/", space.space, name="batch-space"),
    path(
        "batches/<int:number>/space/thumbnail/",
        space.thumbnail,
        name="batch-space-thumbnail",
    ),
    path("batches/<int:number>/rows/<int:row>/", rows.row, name="row"),
    path(
        "batches/<int:number>/rows/<int:row>/previous/",
        rows.row_beside,
        {"backwards": True},
        name="row-previous",
    ),
    path(
        "batches/<int:number>/rows/<int:row>/next/",
        rows.row_beside,
        {"backwards": False},
        name="row-next",
    ),
    path(
        "batches/<int:number>/rows/<int:row>/plots-<theme>.png",
        rows.row_picture,
        name="row-picture",
    ),
    path(
        "batches/<int:number>/rows/<int:row>/plots-<theme>.svg",
        rows.row_svg,
        name="row-svg",
    ),
    path(
        "batches/<int:number>/rows/<int:row>/plots-<theme>.json",
        rows.row_figures,
        name="row-figures",
    ),
    path("batches/<int:number>/rejects/<int:row>/", rows.reject, name="reject"),
    path(
        "batches/<int:number>/rejects/<int:row>/plots-<theme>.png",
        rows.reject_picture,
        name="reject-picture",
    ),
    path(
        "batches/<int:number>/rejects/<int:row>/plots-<theme>.svg",
        rows.reject_svg,
        name="reject-svg",
    ),
    path(
        "batches/<int:number>/rejects/<int:row>/plots-<theme>.json",
        rows.reject_figures,
        name="reject-figures",
    ),
    path(
        "batches/<int:number>/scores.csv",
        downloads.scores,
        {"suffix": "csv"},
        name="batch-scores",
    ),
    path(
        "batches/<int:number>/scores.<slug:suffix>",
        downloads.scores,
        name="batch-download",
    ),
    path("batches/<int:number>/shortlist/", shortlist.listed, name="batch-shortlist"),
    path("batches/<int:number>/open/", shortlist.opened, name="batch-open"),
    path("batches/<int:number>/again/", again.again_batch, name="batch-again"),
    path(
        "batches/<int:number>/against/<int:other>/",
        compare.against,
        name="batch-against",
    ),
    path(
        "batches/<int:number>/against/<int:other>/differing.csv",
        compare.differing_csv,
        name="batch-differing",
    ),
    path("downloads/<int:pk>/", downloads.one, name="download"),
    path("downloads/<int:pk>/file", downloads.file, name="download-file"),
    path("downloads/<int:pk>/cancel", downloads.cancel, name="download-cancel"),
    path("storage/", storage.page, name="storage"),
    path("batches/<int:number>/delete/", storage.delete_batch, name="batch-delete"),
    path("batches/<int:number>/restore/", storage.restore_batch, name="batch-restore"),
    path("batches/<int:number>/remove/", storage.remove_batch, name="batch-remove"),
    path("batches/<int:number>/rejects.csv", batches.rejects_csv, name="batch-rejects"),
]
