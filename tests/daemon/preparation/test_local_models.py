"""Captions and transcripts by tiny models of random weights, made here: they say nonsense, within their words."""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Any

import pytest

from shadowpen.daemon.base.errors import ConfigInvalid
from shadowpen.daemon.preparation.local_models import captioner, transcriber
from shadowpen.daemon.preparation.media import Undescribed

pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def caption_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder of images and a decoder of words, 2 layers of 16."""
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    folder = tmp_path_factory.mktemp("caption")
    vocabulary = {word: place for place, word in enumerate(["<s>", "boat", "oar", "sea", "tide", "rope"])}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<s>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    transformers.PreTrainedTokenizerFast(tokenizer_object=words, bos_token="<s>", pad_token="<s>").save_pretrained(
        folder
    )
    transformers.ViTImageProcessor(size={"height": 16, "width": 16}).save_pretrained(folder)
    small: dict[str, Any] = {
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 16,
    }
    model = transformers.VisionEncoderDecoderModel(
        config=transformers.VisionEncoderDecoderConfig.from_encoder_decoder_configs(
            transformers.ViTConfig(image_size=16, patch_size=8, **small),
            transformers.GPT2Config(vocab_size=6, n_embd=16, n_layer=2, n_head=2, add_cross_attention=True),
        )
    )
    for settings in (model.config, model.generation_config):
        settings.decoder_start_token_id = settings.pad_token_id = 0
        settings.eos_token_id = None
    model.generation_config.suppress_tokens = [0]  # else random weights may well say nothing
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def transcript_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A listener that spells, 1 layer of 16."""
    import transformers

    folder = tmp_path_factory.mktemp("transcript")
    (folder / "vocab.json").write_text(
        json.dumps({c: n for n, c in enumerate(["<pad>", "<s>", "</s>", "<unk>", "|", *"abc"])})
    )
    transformers.Wav2Vec2CTCTokenizer(str(folder / "vocab.json")).save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(sampling_rate=16_000).save_pretrained(folder)
    config = transformers.Wav2Vec2Config(
        vocab_size=8, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        conv_dim=(8,) * 7, num_conv_pos_embeddings=4, num_conv_pos_embedding_groups=2,
    )  # fmt: skip
    transformers.Wav2Vec2ForCTC(config).save_pretrained(folder)
    return folder


def recording(path: Path, rate: int, channels: int = 1, width: int = 2, seconds: float = 0.5) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(bytes(range(256)) * int(rate * channels * width * seconds / 256))
    return path


def test_an_image_is_described(caption_model: Path, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGBA", (40, 30), "navy").save(tmp_path / "a.png")

    said = captioner(str(caption_model))(tmp_path / "a.png")

    assert said and set(said.split()) <= {"boat", "oar", "sea", "tide", "rope"}


@pytest.mark.parametrize(("rate", "channels", "width"), [(16_000, 1, 2), (8_000, 2, 2), (44_100, 2, 1), (16_000, 1, 4)])
def test_a_recording_is_written_down(
    transcript_model: Path, tmp_path: Path, rate: int, channels: int, width: int
) -> None:
    said = transcriber(str(transcript_model))(recording(tmp_path / "a.wav", rate, channels, width))

    assert set(said.lower()) <= set("abc <>/unks")


def test_what_is_no_image_or_recording_has_a_reason(
    caption_model: Path, transcript_model: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(b"secret words")
    (tmp_path / "a.wav").write_bytes(b"secret words")

    for model, name in ((captioner(str(caption_model)), "a.png"), (transcriber(str(transcript_model)), "a.wav")):
        with pytest.raises(Undescribed) as error:
            model(tmp_path / name)
        assert "cannot read" in str(error.value) and "secret" not in str(error.value)


def test_an_image_of_too_many_pixels_is_not_decoded(
    caption_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL import Image

    Image.new("1", (2_000, 2_000)).save(tmp_path / "a.png")
    monkeypatch.setattr("shadowpen.daemon.preparation.local_models._MOST_PIXELS", 3_000_000)
    with pytest.raises(Undescribed):
        captioner(str(caption_model))(tmp_path / "a.png")


@pytest.mark.parametrize("make", [captioner, transcriber])
def test_a_folder_without_a_model_is_told(make: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="holds no model for this"):
        make(str(tmp_path))
    with pytest.raises(ConfigInvalid, match="is not a folder"):
        make("gpt2")
