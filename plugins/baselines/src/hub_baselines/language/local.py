"""Models from a Hugging Face checkpoint, run in this process."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import torch
import transformers
from PIL import Image as Pictures

from hub.errors import HubError, UsageError
from hub_baselines.determinism import repeatable
from hub_baselines.language.messages import Message, Reply


class TransformersClient:
    """Answers with a causal language model, or with one that sees pictures where the checkpoint holds one.

    Prompts go through the checkpoint's own chat template. Requests are answered one by one, so that an answer's bits do not depend on what
    is asked beside it; a server (`OpenAIClient` with vLLM) is faster for many.

    Args:
        model: folder of a checkpoint, or an id of the Hugging Face Hub, which is downloaded unless it is in the cache.
        device: torch's name of a device.
        threads: of torch on a CPU. More than one pays on an otherwise idle machine only: beside other jobs spinning threads have made
            generation ten times slower.

    Raises:
        UsageError: no such device.
        HubError: the checkpoint cannot be loaded, or has no chat template.
    """

    demonstration = None
    concurrent = False

    def __init__(self, model: str, *, device: str = "cpu", threads: int = 1) -> None:
        self.name = model
        self._threads, self._device = threads, _checked(device)
        self._lock = threading.Lock()
        try:
            config = transformers.AutoConfig.from_pretrained(model)
            self._sees = type(config) in transformers.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
            models = transformers.AutoModelForImageTextToText if self._sees else transformers.AutoModelForCausalLM
            readers = transformers.AutoProcessor if self._sees else transformers.AutoTokenizer
            self._reader: Any = readers.from_pretrained(model)
            loaded: Any = models.from_pretrained(model, dtype="auto")
            self._model: Any = loaded.to(self._device).eval()
        except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
            raise HubError(
                f"the checkpoint {model} cannot be loaded ({' '.join(str(error).split())[:300]}): give the folder of a Hugging Face"
                " checkpoint, or an id that the cache holds or that can be downloaded"
            ) from error
        self._tokenizer: Any = getattr(self._reader, "tokenizer", self._reader)
        if self._reader.chat_template is None and self._tokenizer.chat_template is None:
            raise HubError(f"the checkpoint {model} has no chat template: it is no model to talk with; take an instruction-tuned one")

    def complete(
        self, messages: Sequence[Message], *, max_tokens: int, temperature: float, stop: Sequence[str] = (), seed: int | None = None
    ) -> Reply:
        """Return what the model generates; see `Client.complete`. Sampling is from the whole distribution (no top-k, no nucleus).

        Raises:
            HubError: a picture for a model that sees none, or a prompt that does not fit the model.
        """
        inputs = self._reader.apply_chat_template(
            [{"role": message.role, "content": self._content(message)} for message in messages],
            tokenize=True,
            add_generation_prompt=True,
            return_dict=True,
            return_tensors="pt",
        ).to(self._device)
        read = inputs["input_ids"].shape[1]
        end = self._tokenizer.eos_token_id
        options: dict[str, Any] = {
            "max_new_tokens": max_tokens,
            "pad_token_id": end if self._tokenizer.pad_token_id is None else self._tokenizer.pad_token_id,
        }
        if temperature > 0:
            options |= {"do_sample": True, "temperature": temperature, "top_k": 0, "top_p": 1.0}
        else:
            options |= {"do_sample": False, "temperature": None, "top_k": None, "top_p": None}
        if stop:
            options |= {"stop_strings": list(stop), "tokenizer": self._tokenizer}
        try:
            with self._lock, repeatable(seed or 0, self._threads), torch.inference_mode():
                written = self._model.generate(**inputs, **options)[0, read:]
        except (RuntimeError, ValueError, IndexError) as error:
            said = " ".join(str(error).split())[:300]
            raise HubError(f"{self.name} cannot answer a prompt of {read} tokens ({said}): check its context and the memory") from error
        text = self._tokenizer.decode(written, skip_special_tokens=True)
        ends = [place for word in stop if (place := text.find(word)) >= 0]
        return Reply(text[: min(ends, default=len(text))], int(read), len(written))

    def _content(self, message: Message) -> str | list[dict[str, Any]]:
        if self._sees:
            return [
                {"type": "text", "text": part} if isinstance(part, str) else {"type": "image", "image": Pictures.fromarray(part)}
                for part in message.parts
            ]
        if any(not isinstance(part, str) for part in message.parts):
            raise HubError(f"{self.name} reads text alone and was shown a picture: take a vision-language model, or an agent of text (t3a)")
        return message.text


def _checked(device: str) -> torch.device:
    try:
        found = torch.device(device)
        torch.empty(0, device=found)
    except (RuntimeError, AssertionError) as error:
        raise UsageError(
            f"device cannot be {device!r} ({' '.join(str(error).split())[:200]}): give cpu, or cuda where there is one"
        ) from None
    return found
