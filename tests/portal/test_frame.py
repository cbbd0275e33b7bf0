"""The frame around real pages: languages, directions, links, colours, and scripts that the policy lets run."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from portal.context_processors import COLOUR_MODE_COOKIE
from tests.portal.test_forms import Page

PAGES = [
    "portal:start",
    "portal:help",
    "portal:accessibility",
    "portal:privacy",
    "portal:roles",
    "account_login",
    "account_signup",
]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "ar", "cy"])
@pytest.mark.parametrize("name", [*PAGES, "portal:styleguide"])
def test_a_public_page_is_sound_in_every_language(client: Client, name: str, language: str) -> None:
    client.cookies["django_language"] = language
    response = client.get(reverse(name))
    html = response.content.decode()
    page = Page(html)
    assert response.status_code == 200
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in html
    assert page.names.count("h1") == 1
    assert page.names.count("main") == 1
    assert len(page.ids) == len(set(page.ids))
    assert page.references <= set(page.ids)
    assert set(page.controls) <= page.labels | {""}


def test_the_frame_links_to_languages_sign_in_privacy_and_help(client: Client) -> None:
    html = client.get(reverse("portal:start")).content.decode()
    for name in ("account_login", "portal:privacy", "portal:accessibility", "portal:help", "portal:colours", "portal:language"):
        assert f'"{reverse(name)}"' in html, name
    for code, own_name in (("ar", "العربيّة"), ("cy", "Cymraeg")):
        assert re.search(rf'value="{code}" lang="{code}" dir="\w+">{own_name}<', html)
    assert 'aria-current="true" lang="en"' in html


def test_the_demonstration_says_so_on_every_page(client: Client, settings: object) -> None:
    assert "This is a demonstration." in client.get(reverse("portal:privacy")).content.decode()
    settings.DEMONSTRATION = False  # type: ignore[attr-defined]
    assert "This is a demonstration." not in client.get(reverse("portal:privacy")).content.decode()


def test_scripts_and_styles_pass_the_policy(client: Client) -> None:
    response = client.get(reverse("portal:start"))
    html, policy = response.content.decode(), response["Content-Security-Policy"]
    assert "unsafe" not in policy
    for tag in re.findall(r"<script[^>]*>", html):
        nonce = re.search(r'nonce="([^"]+)"', tag)
        assert nonce
        assert f"'nonce-{nonce[1]}'" in policy
    assert "<style" not in html


def test_colours_are_kept_in_a_cookie_and_lead_back(client: Client) -> None:
    here = reverse("portal:privacy")
    response = client.post(reverse("portal:colours"), {"mode": "dark", "next": here})
    assert response.url == here  # type: ignore[attr-defined]
    assert 'data-mode="dark"' in client.get(here).content.decode()
    assert response.cookies[COLOUR_MODE_COOKIE]["httponly"]


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""])
def test_colours_never_lead_to_another_site(client: Client, target: str) -> None:
    response = client.post(reverse("portal:colours"), {"mode": "dark", "next": target})
    assert response.url == "/"  # type: ignore[attr-defined]


def test_an_unknown_colour_is_not_kept(client: Client) -> None:
    response = client.post(reverse("portal:colours"), {"mode": "pink", "next": "/"})
    assert COLOUR_MODE_COOKIE not in response.cookies


def test_asking_for_colours_changes_nothing(client: Client) -> None:
    assert client.get(reverse("portal:colours")).status_code == 405


def test_an_unknown_look_of_the_style_guide_is_not_found(client: Client) -> None:
    assert client.get(reverse("portal:styleguide", args=["print"])).status_code == 404
