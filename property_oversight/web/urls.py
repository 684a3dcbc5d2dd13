"""Addresses for people: the residents' here, the signed-in desks' in desk_urls."""

from django.urls import include, path

from property_oversight.web import resident, tracking

app_name = "web"

urlpatterns = [
    path("", resident.home, name="home"),
    path("s/", resident.search, name="search"),
    path("s/<str:code>", resident.estate, name="estate"),
    path("file/", resident.file, name="file"),
    path("t/", tracking.find, name="find"),
    path("t/<str:code>", tracking.progress, name="progress"),
    path("t/<str:code>/received", tracking.receipt, name="receipt"),
    path("t/<str:code>/photos/<int:key>", tracking.photo, name="photo"),
    path("t/<str:code>/<slug:verb>/", tracking.act, name="act"),
    path("desk/", include("property_oversight.web.desk_urls")),
]
