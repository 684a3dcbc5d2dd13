"""Is the process alive, can it work?"""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from complaints.classification import NoModel, serving_model


def healthz(request: HttpRequest) -> JsonResponse:
    """Alive: the process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Ready: the database answers and a model can be served."""
    problems = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        problems["database"] = type(error).__name__
    try:
        serving_model()
    except NoModel:
        problems["model"] = "NoModel"
    status = 503 if problems else 200
    return JsonResponse(
        {"status": "ok" if not problems else "unavailable", **problems}, status=status
    )
