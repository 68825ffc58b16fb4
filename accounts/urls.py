"""Addresses under /accounts/."""

app_name = "accounts"
urlpatterns: list = []
