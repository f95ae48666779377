"""Whom the pages answer: one browser, by a link that works once, and no other page in it."""

from __future__ import annotations

import httpx
import pytest
from support.web.pages import RunningPages

PAGES = ["/", "/learned", "/versions", "/report", "/report/page", "/settings", "/write"]
PATHS = [*PAGES, "/static/pages.css", "/elsewhere"]


@pytest.mark.parametrize("path", PATHS)
def test_without_the_cookie_nothing_is_shown(pages: RunningPages, path: str) -> None:
    answer = httpx.get(pages.origin + path, trust_env=False)
    assert answer.status_code == 403 and "shadowpen open" in answer.text


def test_the_link_works_once(pages: RunningPages, browser: httpx.Client) -> None:
    assert browser.get("/").status_code == 200
    assert httpx.get(pages.link, trust_env=False).status_code == 403
    assert httpx.get(f"{pages.origin}/enter?key=", trust_env=False).status_code == 403


@pytest.mark.parametrize("origin", ["http://127.0.0.1:1", "https://evil.example", "null", ""])
def test_another_page_of_the_same_browser_changes_nothing(browser: httpx.Client, origin: str) -> None:
    refused = browser.post("/act", data={"wish": "manual"}, headers={"Origin": origin})
    assert refused.status_code == 403
    assert "Show it only when I ask" in browser.get("/").text


def test_another_name_of_this_machine_is_refused_as_in_dns_rebinding(browser: httpx.Client) -> None:
    assert browser.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_pages_run_nothing_of_others_and_stay_in_no_cache(browser: httpx.Client) -> None:
    headers = browser.get("/learned").headers
    assert headers["cache-control"] == "no-store" and headers["referrer-policy"] == "same-origin"
    assert headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("host", ["127.0.0.1:99999", "127.0.0.1:x", "localhost:-1"])
def test_a_port_that_is_none_is_no_failure(browser: httpx.Client, pages: RunningPages, host: str) -> None:
    assert httpx.get(pages.origin, headers={"Host": host}, trust_env=False).status_code in (400, 403)
    assert browser.get("/", headers={"Host": host}).status_code < 500
