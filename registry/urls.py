"""Addresses under /registry/."""

app_name = "registry"
urlpatterns: list = []
