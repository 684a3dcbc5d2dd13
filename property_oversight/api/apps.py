from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "property_oversight.api"
    label = "api_face"
