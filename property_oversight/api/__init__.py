"""The machines' face: one file a resource, serializer, filter and viewset together."""
