"""A page and a task of the tests' own, small enough to know everything about it."""

from __future__ import annotations

from hub_envs.phonesim.tasks.task import PhoneTask

DOCUMENT = (
    """<!DOCTYPE html><html><head><meta name="viewport" content="width=device-width"><style>
  body { margin: 0; font: 16px sans-serif } button, input { display: block; width: 200px; height: 40px; box-sizing: border-box; margin: 0 }
  #list { height: 200px; overflow-y: auto } #list p { margin: 0; height: 50px }
  #cover { position: absolute; top: 600px; left: 0; width: 412px; height: 100px; background: #ccc }
  #under { position: absolute; top: 620px; left: 0 }
</style></head><body><h1 id="title">Home</h1>
<button id="count" aria-label="Counter" data-longclick>0</button>
<button id="off" disabled>Off</button>
<input id="field" placeholder="Write here" aria-label="Name">
<button id="row"><span>Alice</span><div>12 34</div><i aria-hidden="true">A</i></button>
<label>Sound<input type="checkbox" id="sound" checked></label>
<div id="list">"""
    + "".join(f"<p>Line {number}</p>" for number in range(20))
    + """</div>
<button id="under">Hidden</button><div id="cover">Covered</div>
<button id="crash" onclick="throw new Error('broken')" style="display: none">No</button>
<script>
  const byId = (id) => document.getElementById(id);
  let kept = { value: 0, log: [] };
  const draw = () => { byId("count").textContent = kept.value; };
  const log = (what) => kept.log.push(what);
  byId("count").addEventListener("click", (event) => { kept.value += 1; log(`click ${event.isTrusted}`); draw(); });
  byId("count").addEventListener("dblclick", () => log("double"));
  byId("count").addEventListener("contextmenu", () => log("long"));
  byId("off").addEventListener("click", () => log("off"));
  byId("field").addEventListener("input", () => log(byId("field").value));
  window.phone = {
    load(state, now) {
      kept = { ...structuredClone(state), now };
      byId("field").value = "";
      byId("list").scrollTop = 0;
      document.activeElement.blur();
      phone.home();
      draw();
    },
    store: () => kept,
    home() { byId("title").textContent = "Home"; },
    back() { log("back"); },
    open(name) { if (name !== "Notes") return false; byId("title").textContent = "Notes"; return true; },
    enter() { log("enter"); document.activeElement.blur(); },
    app: () => byId("title").textContent,
  };
</script></body></html>"""
)


def counting(name: str, level: str = "easy", complexity: float = 0.5) -> PhoneTask:
    """Return the task to press the counter up to a number, and to answer with it."""

    def moves(times: int):
        elements = yield {"action_type": "open_app", "app_name": "Notes"}
        index = next(i for i, element in enumerate(elements) if element.get("content_description") == "Counter")
        for _ in range(times):
            yield {"action_type": "click", "index": index}

    return PhoneTask(
        name=name,
        level=level,
        complexity=complexity,
        apps=("Notes",),
        draw=lambda random: {"target": random.randint(1, 3), "draw": random.random()},
        goal=lambda params: f"Press {params['target']} times",
        state=lambda params: {"value": 0, "log": []},
        check=lambda params, before, after, answer: (
            1.0 if after["value"] == params["target"] and before["value"] == 0 else 0.5 if answer == "half" else 0.0
        ),
        oracle=lambda params: moves(params["target"]),
        wrong={"once more": lambda params: moves(params["target"] + 1)},
    )
