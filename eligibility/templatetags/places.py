"""Addresses of the editor's pages for the place that is written in. Load with ``{% load places %}``."""

from django import template

from eligibility.views.place import Place

register = template.Library()


@register.simple_tag
def place_url(place: Place, name: str, *more: str) -> str:
    """The address of a page of the editor: of a draft, of one of its local variants, or of a proposed local rule."""
    return place.url(name, *more)
