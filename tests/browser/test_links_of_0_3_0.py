"""Links that were made with version 0.3.0 open with exactly the choices that they held."""

import pytest
from playwright.sync_api import expect

from tests.browser.page import Open, run_of
from tests.conftest import Server
from tests.fixtures.version_0_3_0 import WROTE, says_all_of

LINKS = WROTE["links"]


@pytest.mark.parametrize("link", LINKS, ids=[link["configuration"]["task"] for link in LINKS])
def test_a_link_of_0_3_0_opens_with_its_choices(open_page: Open, server: Server, link: dict) -> None:
    page = open_page(link["address"])
    page.wait_for_url("**run=*")
    assert says_all_of(run_of(page, server)["configuration"], link["configuration"])
    expect(page.locator("#banner")).to_be_hidden()
    assert link["address"].partition("?")[2] in page.url.replace(f"run={run_of(page, server)['id']}", "").replace("&&", "&")
    for name in link.get("hide", []):
        expect(page.locator(f'.panel[data-name="{name.capitalize()}"]')).to_be_hidden()
    for name in link.get("lock", []):
        assert page.locator(f'.panel[data-name="{name.capitalize()}"]').evaluate("e => e.inert")
