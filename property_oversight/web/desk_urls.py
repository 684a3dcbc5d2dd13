"""Addresses of the signed-in desks."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from property_oversight.web import (
    bureau,
    bureau_register,
    bureau_scores,
    bureau_talks,
    community,
    company,
    complaint_page,
    desk,
    incident,
    petition,
)

urlpatterns = [
    path("", desk.home, name="desk"),
    path("sign-in/", desk.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("export/complaints.xlsx", desk.export, name="export"),
    path("photos/<int:key>", desk.photo, name="desk-photo"),
    path("documents/<int:key>", desk.document, name="document"),
    path("complaints/", bureau.complaints, name="desk-complaints"),
    path("complaints/<int:key>", complaint_page.complaint, name="desk-complaint"),
    path("complaints/<int:key>/<slug:verb>/", complaint_page.act, name="desk-complaint-act"),
    path("incidents/<int:key>", incident.incident, name="incident"),
    path("talks/", bureau_talks.talks, name="talks"),
    path("talks/<int:key>", bureau_talks.talk, name="talk"),
    path("talks/<int:key>/<slug:verb>/", bureau_talks.act, name="talk-act"),
    path("firm/", company.complaints, name="firm"),
    path("firm/scores/", company.scores, name="firm-scores"),
    path("firm/evaluations/", company.evaluations, name="firm-evaluations"),
    path("community/", community.complaints, name="community"),
    path("community/evaluate/", community.rounds, name="rounds"),
    path("community/evaluate/<str:code>", community.evaluate, name="evaluate"),
    path("bureau/", bureau.desk, name="bureau"),
    path("bureau/<slug:key>/", bureau.queue, name="queue"),
    path("companies/", bureau_register.companies, name="companies"),
    path("companies/<str:code>", bureau_register.company, name="company"),
    path("estates/", bureau_register.estates, name="estates"),
    path("estates/<str:code>", bureau_register.estate, name="desk-estate"),
    path("scores/", bureau_scores.runs, name="scores"),
    path("scores/<int:key>", bureau_scores.run, name="run"),
    path("scores/<int:key>/publish/", bureau_scores.publish, name="publish"),
    path("petition/", petition.complaints, name="petition"),
    path("feed/", petition.feed, name="feed"),
]
