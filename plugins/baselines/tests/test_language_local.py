"""The client of local checkpoints, with tiny models of random weights."""

from pathlib import Path

import numpy as np
import pytest
import tokenizers
import torch
import transformers
from hub_baselines.language import Message
from hub_baselines.language.local import TransformersClient

from hub.errors import HubError, UsageError

CHARACTERS = "abcdefghijklmnopqrstuvwxyz .:\n"
SPECIAL = ["<pad>", "<bos>", "<eos>", "<unk>", "<image>"]
TEMPLATE = (
    "{% for m in messages %}{{ m.role }}:"
    "{% if m.content is string %}{{ m.content }}{% else %}"
    "{% for p in m.content %}{{ '<image>' if p.type == 'image' else p.text }}{% endfor %}{% endif %}{{ '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)
SIZES = {
    "vocab_size": len(CHARACTERS) + len(SPECIAL),
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


def tokenizer(template: str | None = TEMPLATE) -> transformers.PreTrainedTokenizerFast:
    words = {word: place for place, word in enumerate([*SPECIAL, *CHARACTERS])}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="<unk>"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Split(tokenizers.Regex(r"[\s\S]"), "isolated")
    made.decoder = tokenizers.decoders.Fuse()
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",
        bos_token="<bos>",
        eos_token="<eos>",
        unk_token="<unk>",
        additional_special_tokens=["<image>"],
    )
    fast.chat_template = template
    return fast


def save_text_model(folder: Path, template: str | None = TEMPLATE) -> str:
    torch.manual_seed(0)
    transformers.LlamaForCausalLM(transformers.LlamaConfig(**SIZES)).save_pretrained(folder)
    tokenizer(template).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> TransformersClient:
    return TransformersClient(save_text_model(tmp_path_factory.mktemp("text")))


ASK = [Message("system", ("be brief",)), Message("user", ("hello",))]


def test_greedy_answers_are_what_the_model_gives_to_its_template(client):
    reply = client.complete(ASK, max_tokens=6, temperature=0.0)
    prompt = "system:be brief\nuser:hello\nassistant:"
    assert reply.prompt_tokens == len(prompt)
    assert 1 <= reply.completion_tokens <= 6
    known = tokenizer()
    ids = known(prompt, return_tensors="pt")["input_ids"]
    model = transformers.LlamaForCausalLM.from_pretrained(client.name)
    with torch.inference_mode():
        likeliest = int(model(ids).logits[0, -1].argmax())
    assert reply.text.startswith(known.decode([likeliest], skip_special_tokens=True))


def test_sampling_repeats_by_its_seed_and_leaves_global_state_alone(client):
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    replies = [client.complete(ASK, max_tokens=12, temperature=1.0, seed=seed).text for seed in (1, 1, 2)]
    assert replies[0] == replies[1] != replies[2]
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_num_threads() == threads


def test_a_stop_text_ends_the_answer_and_is_left_out(client):
    whole = client.complete(ASK, max_tokens=20, temperature=1.0, seed=1).text
    stop = whole[3]
    cut = client.complete(ASK, max_tokens=20, temperature=1.0, seed=1, stop=[stop]).text
    assert cut == whole[: whole.index(stop)]


def test_a_model_of_text_refuses_pictures(client):
    with pytest.raises(HubError, match="reads text alone"):
        client.complete([Message("user", ("what", np.zeros((4, 4, 3), np.uint8)))], max_tokens=2, temperature=0.0)


def test_checkpoints_that_cannot_be_talked_with(tmp_path):
    with pytest.raises(HubError, match=r"cannot be loaded.*give the folder"):
        TransformersClient(str(tmp_path / "nothing"))
    with pytest.raises(HubError, match="no chat template"):
        TransformersClient(save_text_model(tmp_path / "plain", template=None))
    with pytest.raises(UsageError, match="device cannot be 'gpu9'"):
        TransformersClient(str(tmp_path / "plain"), device="gpu9")


def test_a_vision_language_model_sees_the_picture(tmp_path):
    vision = transformers.CLIPVisionConfig(
        hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2, image_size=8, patch_size=4
    )
    config = transformers.LlavaConfig(
        vision_config=vision, text_config=transformers.LlamaConfig(**SIZES), image_token_index=4, image_seq_length=4
    )
    torch.manual_seed(0)
    model = transformers.LlavaForConditionalGeneration(config)
    for name, weights in model.named_parameters():
        torch.nn.init.normal_(
            weights, std=9.0 if "patch" in name or "lm_head" in name else 0.3
        )  # as initialised, a picture would move no token
    model.save_pretrained(tmp_path)
    pictures = transformers.CLIPImageProcessor(size={"shortest_edge": 8}, crop_size={"height": 8, "width": 8})
    transformers.LlavaProcessor(
        pictures, tokenizer(), patch_size=4, vision_feature_select_strategy="default", num_additional_image_tokens=1, chat_template=TEMPLATE
    ).save_pretrained(tmp_path)
    client = TransformersClient(str(tmp_path))
    white, noise = np.full((8, 8, 3), 255, np.uint8), np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    replies = [
        client.complete([Message("user", ("see", picture))], max_tokens=16, temperature=1.0, seed=0) for picture in (white, white, noise)
    ]
    assert replies[0].text == replies[1].text != replies[2].text
    assert replies[0].prompt_tokens == len("user:see\nassistant:") + 4
