"""Addresses under /showroom/."""

app_name = "showroom"
urlpatterns: list = []
