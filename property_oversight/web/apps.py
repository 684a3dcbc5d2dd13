from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "property_oversight.web"
    label = "web_face"
