"""What a customer chose once comes first, where the flow can play it."""

from dataclasses import replace

from rules.errors import StoreUnavailable
from rules.methods import answer
from rules.telecom.language import choose_language
from rules.telecom.lookup import lookup
from rules.testing import make_services
from tests.doors import NOW
from tests.rows import each


@each(
    ("preferred", "languages", "name", "basis"),
    [
        ("hindi", ["TELGU", "Hindi"], "Hindi", "preference"),
        (" te-IN ", ["TELGU", "Hindi"], "TELGU", "preference"),
        ("tamil", ["TELGU", "Hindi"], "TELGU", "circle"),
        ("tamil", None, "TAMIL", "preference"),
        ("  ", None, "TELUGU", "circle_default"),
    ],
)
def test_preferred(preferred, languages, name, basis):
    found = choose_language(lookup("9848012345"), languages, preferred=preferred)
    assert (found.name, found.basis) == (name, basis)


def test_store_that_cannot_be_reached_leaves_the_number_to_decide():
    class Down:
        def find(self, account, contact):
            raise StoreUnavailable("down")

    accounts = {"default": {"language_preference": "language"}}
    services = replace(make_services(now=NOW, accounts=accounts), preferences=Down())
    keys = [{"name": "cli", "value": "9848012345"}, {"name": "accountID", "value": "293"}]
    reply = answer({"keys": keys}, services, method="findLanguage")
    found = {key["name"]: key["value"] for key in reply.body["keys"]}
    assert (reply.status, found["$flow.key.cliBasedLanguage"]) == (200, "TELUGU")


@each("cli", ["9848012345", "tel:+919848012345", "<9848012345>", "'9848012345", "9848012345.0"])
def test_any_spelling_of_the_number_finds_what_is_remembered(cli):
    accounts = {"default": {"language_preference": "language"}}
    services = make_services(now=NOW, accounts=accounts)
    kept = {"contactNumber": "9848012345", "accountID": "293", "$user.key.language": "tamil"}
    for method, fields in (
        ("updateUserPreferences", kept),
        ("findLanguage", {"cli": cli, "accountID": "293"}),
    ):
        keys = [{"name": name, "value": value} for name, value in fields.items()]
        reply = answer({"keys": keys}, services, method=method)
    found = {key["name"]: key["value"] for key in reply.body["keys"]}
    assert found["$flow.key.languageBasis"] == "preference"
    assert found["$flow.key.cliBasedLanguage"] == "TAMIL"
