"""UI-S1 for checkpoints: prompts, judgements, and training from end to end on a Llama of a few thousand random weights."""

import json
import zlib

import numpy as np
import pytest
import torch
from hub_baselines.language.messages import Message
from hub_envs.androidcontrol import Step, Trace, evaluation_match, load, measure
from hub_gui.uis1.prompts import messages, patched
from hub_gui.uis1.rewards import Level

from hub.errors import UsageError

transformers = pytest.importorskip("transformers", reason='needs "gymhub-gui[models]"')

from hub_gui.uis1 import __main__ as command  # noqa: E402
from hub_gui.uis1.checkpoint import LOG, PhoneTrace, Run, measured, train  # noqa: E402
from hub_gui.uis1.semi_online import Settings  # noqa: E402

TEMPLATE = "{% for m in messages %}<s>{{ m.role }}:{{ m.content }}</s>{% endfor %}{% if add_generation_prompt %}<s>assistant:{% endif %}"


@pytest.fixture(scope="module")
def llama(tmp_path_factory):
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

    folder = tmp_path_factory.mktemp("llama")
    tokens = ["<pad>", "<s>", "</s>", *map(chr, range(32, 127)), "\n"]
    raw = Tokenizer(models.WordLevel({token: number for number, token in enumerate(tokens)}, unk_token="<pad>"))
    raw.pre_tokenizer, raw.decoder = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated"), decoders.Fuse()
    words = transformers.PreTrainedTokenizerFast(tokenizer_object=raw, pad_token="<pad>", eos_token="</s>", bos_token="<s>")
    words.chat_template = TEMPLATE
    words.save_pretrained(folder)
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        transformers.LlamaForCausalLM(transformers.LlamaConfig(vocab_size=len(tokens), **sizes)).save_pretrained(folder)
    return folder


WAIT, BACK = {"action": "wait", "time": 2}, {"action": "system_button", "button": "Back"}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "traces.jsonl"
    steps = [{"instruction": "wait a little", "action": WAIT}, {"action": BACK}]
    lines = [json.dumps({"episode_id": number, "goal": f"goal {number}", "steps": steps[: 1 + number % 2]}) for number in range(4)]
    path.write_text("\n".join(lines))
    return path


def test_a_conversation_holds_goal_instructions_and_the_own_history():
    trace = Trace(1, "Do it", (Step(WAIT, "wait a little"), Step(BACK), Step(WAIT)))
    told = messages(trace, 2, ["first", "second"], pictures=True)
    assert [message.role for message in told] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert [message.text for message in told[1:]] == [
        "Goal: Do it\nStep 1. Instruction: wait a little",
        "first",
        "Step 2.",
        "second",
        "Step 3.",
    ]
    assert "1080 x 2400" in told[0].text
    assert '{"action": "click", "coordinate": [x, y]}' in told[0].text


def test_the_last_two_screens_are_shown(tmp_path):
    from PIL import Image

    steps = []
    for number in range(3):
        Image.new("RGB", (4, 6), (number, 0, 0)).save(tmp_path / f"{number}.png")
        steps.append(Step(WAIT, screenshot=tmp_path / f"{number}.png"))
    trace = Trace(1, "Do it", tuple(steps))

    def shown(step, pictures=True):
        told = messages(trace, step, ["x"] * step, pictures=pictures)
        return [int(part[0, 0, 0]) for message in told for part in message.parts if isinstance(part, np.ndarray)]

    assert [shown(step) for step in range(3)] == [[0], [0, 1], [1, 2]]
    assert shown(2, pictures=False) == []


class Spoken:
    """Stands for a policy whose outputs are the texts themselves."""

    sees = False

    def text(self, output):
        return output

    def prompt(self, told):
        return [message.text for message in told]


@pytest.mark.parametrize(
    ("text", "level", "formed"),
    [
        ('<think>go</think><action>{"action": "system_button", "button": "back"}</action>', Level.EXACT, True),
        ('<think>go</think><action>{"action": "system_button", "button": "Home"}</action>', Level.RIGHT_TYPE, True),
        ('<think>go</think><action>{"action": "wait"}</action>', Level.WRONG_TYPE, True),
        ('<think></think><action>{"action": "system_button", "button": "Back"}</action>', Level.EXACT, False),
        ('{"action": "system_button", "button": "Back"}', Level.EXACT, False),
        ('{"action": "wait"}', Level.WRONG_TYPE, False),
        ("<think>go</think><action>back</action>", Level.UNREADABLE, False),
        ("", Level.UNREADABLE, False),
    ],
)
def test_outputs_are_judged(text, level, formed):
    trace = PhoneTrace(Trace(5, "Do it", (Step(BACK),)), Spoken())
    assert trace.judge(0, text) == (level, level == Level.EXACT, text, formed)
    assert (trace.task, trace.steps) == (5, 1)


def test_a_patch_is_the_experts_action_with_an_empty_thought_and_matches():
    trace = PhoneTrace(Trace(5, "Do it", (Step(BACK), Step(WAIT))), Spoken(), evaluation_match)
    assert trace.patch(0) == patched(BACK) == '<think></think><action>{"action": "system_button", "button": "Back"}</action>'
    assert trace.judge(0, trace.patch(0)).matched
    assert trace.context(1, [trace.patch(0)])[2] == trace.patch(0)


def settings(**given):
    return Settings(**{"traces": 2, "copies": 3, "minibatches": 2, "eta": None, "rows_at_once": 4, "episode_mode": "paper", **given})


@pytest.mark.parametrize("offline", [False, True])
def test_training_runs_from_checkpoint_to_checkpoint(llama, file, tmp_path, offline):
    lines = []
    given = settings(on_policy_history=not offline, kl=0.0 if offline else 1e-2)
    run = Run(checkpoint=llama, traces=file, out=tmp_path / "out", updates=2, learning_rate=1e-3, max_tokens=6, settings=given)
    train(run, lines.append)
    told = [json.loads(line) for line in (run.out / LOG).read_text().splitlines()]
    assert [numbers["update"] for numbers in told] == [1, 2]
    assert told[0]["samples"] >= 6
    assert told[0]["success"] == 0.0  # random letters are no actions
    assert len(lines) == 2
    assert transformers.AutoModelForCausalLM.from_pretrained(run.out).config.vocab_size == 99
    assert measured(run.out, file, max_tokens=3) == (0.0, 0.0)
    with pytest.raises(UsageError, match="holds a training already"):
        train(run, lines.append)


def test_offline_training_takes_each_step_by_itself(monkeypatch):
    runs = []
    monkeypatch.setattr("hub_gui.uis1.checkpoint.train", runs.append)
    begin = ["train", "--checkpoint", "c", "--traces", "t", "--out", "o", "--copies", "5"]
    assert command.main(begin) == command.main([*begin, "--offline"]) == 0
    told = [run.settings for run in runs]
    assert told[0] == Settings(copies=5)
    assert (told[1].gamma, told[1].eta, told[1].episode_mode, told[1].on_policy_history) == (0.0, None, "none", False)
    assert told[1].copies == 5


class Guesser(Spoken):
    """Waits or goes back, whichever the conversation's checksum says."""

    def __init__(self, *_, **__):
        pass

    def sample(self, contexts, *, temperature, rng):
        assert temperature == 0
        return [self.guess(context) for context in contexts]

    @staticmethod
    def guess(told):
        action = WAIT if zlib.crc32("".join(told).encode()) % 3 else BACK
        return f"<think>hm</think><action>{json.dumps(action)}</action>"


def test_a_checkpoint_s_sop_is_that_of_the_same_agent_step_by_step(tmp_path, monkeypatch):
    path, rng = tmp_path / "traces.jsonl", np.random.default_rng(0)
    lines = [
        {"episode_id": n, "goal": f"{n}", "steps": [{"action": (WAIT, BACK)[rng.integers(2)]} for _ in range(1 + n % 5)]} for n in range(60)
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    monkeypatch.setattr("hub_gui.uis1.checkpoint.CausalPolicy", Guesser)

    def agent(trace, number, history):
        return Guesser.guess([message.text for message in messages(trace, number, history, pictures=False)])

    alone = measure(load(path), agent)
    assert 0.1 < alone.success < alone.progress < 0.9
    assert measured(tmp_path, path) == pytest.approx(alone)


class Letters(PhoneTrace):
    """A trace on which every output that begins with a small letter is right, with short prompts: what random weights can learn."""

    def context(self, step, history):
        return self.policy.prompt([Message("user", (f"{step}", *history))])

    def judge(self, step, output):
        right = self.policy.text(output)[:1].islower()
        return super().judge(step, output)._replace(level=Level.EXACT if right else Level.WRONG_TYPE, matched=right, formed=True)


def test_checkpoints_learn_what_is_rewarded_along_traces(llama, file):
    from hub_baselines.relative.hf import CausalPolicy
    from hub_gui.uis1.semi_online import Trainer

    policy = CausalPolicy(llama, max_tokens=1)
    traces = [Letters(trace, policy) for trace in load(file)]
    adam = torch.optim.Adam(policy.parameters(), lr=2e-2)
    trainer = Trainer(policy, adam, traces, settings(traces=4, copies=12, rows_at_once=None, kl=0.0), rng=np.random.default_rng(0))
    shares = [trainer.update()["matched"] for _ in range(12)]
    assert np.mean(shares[-2:]) > np.mean(shares[:2]) + 0.3


def test_the_command_line(llama, file, tmp_path, capsys):
    begin = ["--checkpoint", str(llama), "--traces", str(file), "--max-tokens", "3"]
    train_it = [
        "train",
        *begin,
        "--out",
        str(tmp_path / "out"),
        "--updates",
        "1",
        "--batch",
        "1",
        "--copies",
        "2",
        "--eta",
        "-1",
        "--kl",
        "0",
    ]
    assert command.main([*train_it, "--eps", "inf"]) == 0
    assert "update 1/1: " in capsys.readouterr().out
    assert command.main(["measure", *begin]) == 0
    assert capsys.readouterr().out == "SOP: PG 0.00, TSR 0.00, score 0.00\n"
    assert command.main(["measure", "--checkpoint", str(llama), "--traces", str(tmp_path / "none")]) == 2
    assert "there is no file of traces" in capsys.readouterr().err
    assert command.main(["measure", "--checkpoint", str(tmp_path), "--traces", str(file)]) == 2
    assert "give the folder of a Hugging Face checkpoint" in capsys.readouterr().err
