"""`shadowpen monitor`: the record as a table or JSON, the mail's password, and a test of every way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.command_line import Shadowpen
from support.installed import wandb_stand_in
from support.servers import mail_stand_in

from shadowpen.daemon.base import config_file, store
from shadowpen.daemon.engine.openai import key
from shadowpen.daemon.monitoring import record, similarity
from shadowpen.daemon.monitoring.figures import Counts
from shadowpen.daemon.monitoring.produced_texts import TaskCounts

NEW = "default@v0002-20260502"


@pytest.fixture
def counted(layout: store.Layout) -> None:
    record.add(layout, {(record.today(), NEW): Counts(shown=300, taken=6, characters=40, ratings=1, rated=2.0)})
    record.add(layout, {(record.days_ago(8), NEW): Counts(shown=77, taken=50)})


def _set(layout: store.Layout, **settings: object) -> None:
    for name, value in settings.items():
        config_file.write(layout.config_file, "monitoring", name, value)


def test_the_figures_and_the_alarms_that_stand_are_shown(shadowpen: Shadowpen, counted: None) -> None:
    found = shadowpen("monitor", "--json").json
    (day,) = found["days"]
    assert (day["day"], day["version"], day["shown"], day["taken_share"]) == (record.today(), NEW, 300, 0.02)
    assert [alarm["name"] for alarm in found["alarms"]] == ["taken"]
    assert len(shadowpen("monitor", "--days", "9", "--json").json["days"]) == 2

    told = shadowpen("monitor", "--once").out

    assert record.today() in told and "300" in told and "2%" in told
    assert "Alarm: You accepted 2% of 300 suggestions" in told.replace("\n", " ")
    assert "You accepted 2% of 300 suggestions" in shadowpen("status").out


def test_expansions_and_verbs_are_shown_and_what_is_missing_is_said_once(
    shadowpen: Shadowpen, layout: store.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = TaskCounts(2, 100, 80, 10, 2, bleu=90.0, chrf=140.0, rouge_l=160.0, encoded=2, bert_score=188.0)
    record.add_tasks(
        layout, {(record.today(), "expand", NEW): compared, (record.today(), "correct", NEW): TaskCounts(1, 9)}
    )
    monkeypatch.setattr(similarity, "is_installed", lambda: False)

    correct, expand = shadowpen("monitor", "--json").json["tasks"]
    told = shadowpen("monitor", "--once").out

    assert (expand["task"], expand["texts"], expand["kept_share"]) == ("expand", 2, 0.8)
    assert (expand["bleu"], expand["chrf"], expand["rouge_l"]) == (45.0, 70.0, 80.0)
    assert (expand["encoded"], expand["bert_score"]) == (2, 94.0)
    assert (correct["bleu"], correct["compared"], correct["bert_score"]) == (None, 0, None)
    assert "BERTScore" in told and "94" in told
    assert "expand" in told and "80%" in told and told.count("need sacrebleu") == 1


def test_event_files_are_written_below_a_folder(
    shadowpen: Shadowpen, layout: store.Layout, counted: None, tmp_path: Path
) -> None:
    pytest.importorskip("tensorboardX")
    told = shadowpen("monitor", "--tensorboard", str(tmp_path / "curves"))
    assert "Wrote 1 run to" in told.out and "tensorboard --logdir" in told.out
    assert shadowpen("monitor", "--tensorboard", str(tmp_path / "curves"), "--json").json["runs"] == [NEW]
    assert (tmp_path / "curves" / NEW).is_dir()


def test_offline_runs_of_wandb_are_written_beside_them_where_it_is_installed(
    shadowpen: Shadowpen, counted: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tensorboardX")
    folder = tmp_path / "curves"
    alone = shadowpen("monitor", "--wandb")
    assert alone.status and "needs --tensorboard" in alone.err
    monkeypatch.setitem(sys.modules, "wandb", None)
    missing = shadowpen("monitor", "--tensorboard", str(folder), "--wandb")
    assert missing.status and "need wandb, which is not installed" in missing.err and "install wandb" in missing.err
    assert not folder.exists()

    monkeypatch.delitem(sys.modules, "wandb")
    wandb_stand_in.install(tmp_path / "site", monkeypatch)
    found = shadowpen("monitor", "--tensorboard", str(folder), "--wandb", "--json").json

    (run,) = found["wandb"]
    assert found["runs"] == [NEW] and list((folder / "wandb" / run).iterdir())
    assert "wandb leet" in shadowpen("monitor", "--tensorboard", str(folder), "--wandb").out


def test_an_encoder_that_is_not_there_is_said(shadowpen: Shadowpen, layout: store.Layout) -> None:
    _set(layout, encoder="/no/such/folder")
    assert "BERTScore is off: /no/such/folder" in shadowpen("monitor", "--once").out.replace("\n", " ")
    assert "BERTScore is off: /no/such/folder" in shadowpen("status").out


def test_nothing_counted_is_said(shadowpen: Shadowpen) -> None:
    assert "Nothing was counted" in shadowpen("monitor").out


def test_every_way_that_is_set_can_be_tried(shadowpen: Shadowpen, layout: store.Layout, tmp_path: Path) -> None:
    assert "No channel is set" in shadowpen("monitor", "test").out
    with mail_stand_in.serving() as mail:
        write = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"
        command = [sys.executable, "-c", write, str(tmp_path / "alarm")]
        _set(layout, mail_to="a@b.c", mail_server=mail.address, mail_security="none", command=command)
        assert "was sent" in shadowpen("monitor", "test").out
        assert (tmp_path / "alarm").read_text() == "This is a test of Shadowpen's alarms."
        assert len(mail.mails) == 1
        mail.refuses = "550 no"
        refused = shadowpen("monitor", "test")
        assert refused.status and "refused the address a@b.c" in refused.err


def test_the_password_is_kept_in_the_keyring(
    shadowpen: Shadowpen, layout: store.Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[tuple[str, str], str] = {}

    class Keyring:
        set_password = staticmethod(lambda service, name, value: kept.update({(service, name): value}))
        get_password = staticmethod(lambda service, name: kept.get((service, name)))
        delete_password = staticmethod(lambda service, name: kept.pop((service, name)))

    monkeypatch.setattr(key, "_keyring", lambda: Keyring)
    assert shadowpen("monitor", "password", stdin=b"secret\n").status  # for which server?
    _set(layout, mail_server="mail.example.org", mail_user="anna")

    assert shadowpen("monitor", "password", stdin=b"secret\n").status == 0

    assert kept == {("shadowpen", "smtp://anna@mail.example.org"): "secret"}
    assert "removed" in shadowpen("monitor", "password", "--remove").out and not kept
