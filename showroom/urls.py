"""Addresses under /showroom/."""

from django.urls import path

from showroom.views import batches, cases, uploads

app_name = "showroom"
urlpatterns = [
    path("", uploads.showroom, name="index"),
    path("cases/", cases.case, name="case"),
    path("batches/<int:number>/", batches.batch, name="batch"),
    path("batches/<int:number>/progress/", batches.progress, name="batch-progress"),
    path("batches/<int:number>/cancel/", batches.cancel_batch, name="batch-cancel"),
    path("batches/<int:number>/resume/", batches.resume_batch, name="batch-resume"),
    path("batches/<int:number>/scores.csv", batches.scores_csv, name="batch-scores"),
    path("batches/<int:number>/rejects.csv", batches.rejects_csv, name="batch-rejects"),
]
