"""Language models from a Hugging Face checkpoint, as policies: they generate, tell log-probabilities, and can be trained.

Also vision-language ones, whose processor turns pictures into tokens and tensors. Importing this needs `gymhub-baselines[models]`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from hub.errors import MissingExtra, UsageError
from hub_baselines.determinism import repeatable
from hub_baselines.language.messages import Message
from hub_baselines.relative.data import Segment

try:
    import transformers
    from PIL import Image
except ModuleNotFoundError as missing:
    raise MissingExtra(f"checkpoints need {missing.name!r}, which is not installed: pip install 'gymhub-baselines[models]'") from missing


_PLACEHOLDERS = ("image_token_id", "image_token_index", "video_token_id")


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """A context as a model reads it.

    Attributes:
        ids: (tokens,) int64, placeholders of pictures included.
        marks: what the processor says of each token, (tokens,) int64 each; 0 is said of plain text.
        pictures: what the processor made of the pictures: tensors whose first axis runs over pictures or their patches.
    """

    ids: NDArray[np.int64]
    marks: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    pictures: Mapping[str, torch.Tensor] = field(default_factory=dict)


class CausalPolicy:
    """A causal language model that samples outputs and can be trained on them.

    Args:
        checkpoint: folder of a checkpoint whose tokenizer (or processor) has a chat template.
        device: torch's name of a device.
        dtype: of the weights, torch's name; training in less than float32 without LoRA loses small steps.
        max_tokens: most tokens of an output.
        prompts_at_once: prompts that are continued together.
        lora: rank of low-rank adapters (Hu et al., "LoRA", ICLR 2022) on all linear layers, which alone are then trained; needs `peft`. 0
            trains all weights.

    Raises:
        UsageError: the checkpoint cannot be read, or has no chat template.
        MissingExtra: LoRA is asked for, and `peft` is not installed.
    """

    def __init__(
        self,
        checkpoint: str | Path,
        *,
        device: str = "cpu",
        dtype: str = "float32",
        max_tokens: int = 512,
        prompts_at_once: int = 64,
        lora: int = 0,
    ) -> None:
        self.max_tokens, self._prompts_at_once, self._adapted = max_tokens, prompts_at_once, lora > 0
        try:
            config = transformers.AutoConfig.from_pretrained(checkpoint)
            self.sees = type(config) in transformers.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
            models = transformers.AutoModelForImageTextToText if self.sees else transformers.AutoModelForCausalLM
            self.reader: Any = (transformers.AutoProcessor if self.sees else transformers.AutoTokenizer).from_pretrained(checkpoint)
            model: Any = models.from_pretrained(checkpoint, dtype=getattr(torch, dtype))
        except (OSError, ValueError, KeyError) as error:
            said = " ".join(str(error).split())[:300]
            raise UsageError(f"{checkpoint} cannot be read ({said}): give the folder of a Hugging Face checkpoint") from error
        self.tokenizer: Any = getattr(self.reader, "tokenizer", self.reader)
        if self.reader.chat_template is None:
            raise UsageError(f"the checkpoint {checkpoint} has no chat template: take one that was tuned to follow instructions")
        # Placeholders of pictures are no words: a policy that writes one would be asked for the picture.
        self._unsayable = [number for name in _PLACEHOLDERS if (number := getattr(config, name, None)) is not None] if self.sees else []
        # In evaluation mode, training included: dropout would make the ratio of probabilities a noisy one.
        self.model: Any = (_with_adapters(model, lora) if lora else model).to(device).eval()

    def prompt(self, messages: Sequence[Message]) -> Prompt:
        """Return a conversation as the model reads it before it answers.

        Raises:
            UsageError: there is a picture in it, and the model reads text alone.
        """
        read = self.reader.apply_chat_template(
            [{"role": message.role, "content": self._content(message)} for message in messages],
            tokenize=True,
            add_generation_prompt=True,
            return_dict=True,
            return_tensors="pt",
        )
        ids = read.pop("input_ids")
        read.pop("attention_mask")
        marks = {name: tensor[0].numpy() for name, tensor in read.items() if tensor.shape == ids.shape}
        return Prompt(ids[0].numpy(), marks, {name: tensor for name, tensor in read.items() if name not in marks})

    def text(self, segment: Segment) -> str:
        """Return an output as text, without special tokens."""
        text: str = self.tokenizer.decode(segment.tokens.tolist(), skip_special_tokens=True)
        return text

    def parameters(self) -> Iterator[torch.nn.Parameter]:
        """Return what is trained."""
        return (parameter for parameter in self.model.parameters() if parameter.requires_grad)

    def save(self, folder: str | Path) -> None:
        """Save the model, adapters worked in, and the tokenizer or processor as a checkpoint."""
        merged = copy.deepcopy(self.model).merge_and_unload() if self._adapted else self.model
        merged.save_pretrained(folder)
        self.reader.save_pretrained(folder)

    def logp(self, segments: Sequence[Segment]) -> torch.Tensor:
        """Return log-probabilities (n, longest) of the tokens, zeros beyond an output's end.

        Rows are filled up at the right, where causal attention never looks back from, so positions need no care.
        """
        longest = max(len(segment.tokens) for segment in segments)
        inputs = self._inputs([segment.context for segment in segments], [segment.tokens for segment in segments])
        logits, ids = self.model(**inputs, use_cache=False).logits, inputs["input_ids"]
        first = torch.tensor([len(segment.context.ids) for segment in segments], device=ids.device)[:, None]
        lengths = torch.tensor([len(segment.tokens) for segment in segments], device=ids.device)[:, None]
        place = torch.arange(longest, device=ids.device)[None]
        index = (first + place).clamp(max=ids.shape[1] - 1)
        rows_of = torch.arange(len(segments), device=ids.device)[:, None]
        cooling = torch.tensor([[[segment.temperature]] for segment in segments], device=ids.device)
        # A token is told by the logits before it.
        before = logits[rows_of, index - 1].float() / cooling
        before[..., self._unsayable] = -torch.inf
        told = before.log_softmax(dim=-1)
        logp: torch.Tensor = told.gather(2, ids[rows_of, index][..., None])[..., 0]
        return torch.where(place < lengths, logp, 0.0)

    def sample(self, contexts: Sequence[Prompt], *, temperature: float, rng: np.random.Generator) -> list[Segment]:
        """Draw an output for each prompt from the whole distribution: no top-k, no nucleus. The token that ends it is part of it.

        With temperature 0 the likeliest token is taken each time, and log-probabilities are told at temperature 1: for evaluation.
        """
        step = self._prompts_at_once
        parts = [self._sample(contexts[start : start + step], temperature, rng) for start in range(0, len(contexts), step)]
        return [segment for part in parts for segment in part]

    @torch.no_grad()
    def _sample(self, contexts: Sequence[Prompt], temperature: float, rng: np.random.Generator) -> list[Segment]:
        inputs = self._inputs(contexts)
        end = self.tokenizer.eos_token_id
        drawn = {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0} if temperature else {"do_sample": False}
        config: Any = transformers.GenerationConfig(  # type: ignore[no-untyped-call,unused-ignore]
            max_new_tokens=self.max_tokens,
            suppress_tokens=self._unsayable or None,
            eos_token_id=end,
            pad_token_id=end if self.tokenizer.pad_token_id is None else self.tokenizer.pad_token_id,
            **drawn,
        )
        with repeatable(int(rng.integers(2**31)), torch.get_num_threads()):
            written = self.model.generate(**inputs, generation_config=config)
        outputs = [_until(row, end) for row in written[:, inputs["input_ids"].shape[1] :].cpu().numpy()]
        told_at = temperature or 1.0
        drafts = [_segment(context, tokens, np.zeros(len(tokens)), told_at) for context, tokens in zip(contexts, outputs, strict=True)]
        # Told by the same pass that training uses, so that the first ratio is 1 whatever generation's own kernels round to.
        logp = self.logp(drafts).cpu().numpy()
        return [_segment(draft.context, draft.tokens, logp[row, : len(draft.tokens)], told_at) for row, draft in enumerate(drafts)]

    def shown(self, context: Prompt, text: str) -> Segment:
        """Return an output that somebody else wrote, with the token that ends it, to be imitated."""
        ids = [*self.tokenizer.encode(text, add_special_tokens=False), self.tokenizer.eos_token_id]
        return _segment(context, np.array(ids, dtype=np.int64), np.zeros(len(ids)), 1.0)

    def _content(self, message: Message) -> Any:
        if not self.sees and any(not isinstance(part, str) for part in message.parts):
            raise UsageError("the checkpoint reads text alone, and was shown a picture; take a vision-language one")
        if not self.sees:
            return message.text
        return [
            {"type": "text", "text": part} if isinstance(part, str) else {"type": "image", "image": Image.fromarray(part)}
            for part in message.parts
        ]

    def _inputs(self, contexts: Sequence[Prompt], outputs: Sequence[NDArray[np.int64]] = ()) -> dict[str, torch.Tensor]:
        """Return what the model takes: prompts filled up at the left, to be continued; or prompts with outputs, filled up at the right."""
        behind = outputs or [np.zeros(0, dtype=np.int64)] * len(contexts)
        rows = [np.concatenate([context.ids, output]) for context, output in zip(contexts, behind, strict=True)]
        longest = max(map(len, rows))
        starts = [0 if outputs else longest - len(row) for row in rows]
        marks = sorted({name for context in contexts for name in context.marks})
        laid = {name: np.zeros((len(rows), longest), dtype=np.int64) for name in ("input_ids", "attention_mask", *marks)}
        for number, (context, row, start) in enumerate(zip(contexts, rows, starts, strict=True)):
            laid["input_ids"][number, start : start + len(row)] = row
            laid["attention_mask"][number, start : start + len(row)] = 1
            for name, said in context.marks.items():
                laid[name][number, start : start + len(said)] = said
        pictures = sorted({name for context in contexts for name in context.pictures})
        seen = {name: torch.cat([each.pictures[name] for each in contexts if name in each.pictures]) for name in pictures}
        tensors = {**{name: torch.from_numpy(array) for name, array in laid.items()}, **seen}
        return {name: tensor.to(self.model.device) for name, tensor in tensors.items()}


def _segment(context: Prompt, tokens: NDArray[np.int64], logp: NDArray[Any], temperature: float) -> Segment:
    return Segment(context, tokens, np.ones(len(tokens), dtype=np.bool_), logp.astype(np.float32), temperature)


def _until(tokens: NDArray[np.int64], end: int | None) -> NDArray[np.int64]:
    """Cut what was generated after the first token that ends an output."""
    places = np.flatnonzero(tokens == end)
    return tokens[: places[0] + 1] if len(places) else tokens


def _with_adapters(model: Any, rank: int) -> Any:
    try:
        import peft
    except ModuleNotFoundError as missing:
        raise MissingExtra("LoRA needs a package more: pip install peft") from missing
    return peft.get_peft_model(model, peft.LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear"))
