"""Addresses under /registry/."""

from django.urls import path

from registry import views

app_name = "registry"
urlpatterns = [
    path("", views.versions, name="versions"),
    path("<slug:model>/<int:number>/", views.version, name="version"),
]
