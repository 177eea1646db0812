"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from catalog.media import serve

urlpatterns = [
    path("admin/", admin.site.urls),
    path("media/<str:token>", serve, name="media"),
    path("", include("accounts.urls")),
    path("", include("search.urls")),
]
handler500 = "search.views.away.failed"
