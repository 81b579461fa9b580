"""Writes test/goldens/chat-templates.golden.json: conversations of ours in the published chat formats, as transformers renders them.

Run: python3 scripts/make-chat-template-goldens.py   (needs transformers 4.57 and jinja2)

jinja for JavaScript prints true, none and lists otherwise than Python, counts UTF-16 units and takes -7 % 3 for -1, so no template
here depends on that. Each template is a short one of our own that writes the markers of a published format; the format's source is beside it.
"""

import json
import tempfile
from pathlib import Path

from tokenizers import Tokenizer, models
from transformers import AutoTokenizer, PreTrainedTokenizerFast

target = Path(__file__).parent.parent / "test/goldens/chat-templates.golden.json"
angle = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
alternate = (
    "{% if (messages[0]['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
)
templates = {
    # OpenAI's ChatML, as Qwen writes it: qwenlm.github.io, "key concepts"
    "chatml": ({"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}, """
{%- for message in messages %}
    {%- if loop.first and message.role != 'system' %}
        {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}
    {%- endif %}
    {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""),
    # Qwen 2.5's tool calls: the same page
    "chatml-tools": ({"eos_token": "<|im_end|>"}, """
{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0].role == 'system' %}{{- messages[0].content + '\\n\\n' }}{%- endif %}
    {{- "# Tools\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools><|im_end|>\\n" }}
{%- endif %}
{%- set ns = namespace(calls=0) %}
{%- for message in (messages[1:] if tools and messages[0].role == 'system' else messages) %}
    {{- '<|im_start|>' ~ message['role'] ~ '\\n' ~ (message.content or '') }}
    {%- for call in message.tool_calls or [] %}
        {%- set ns.calls = ns.calls + 1 %}
        {{- '\\n<tool_call>\\n' ~ call.function | tojson(indent=2) ~ '\\n</tool_call>' }}
    {%- endfor %}
    {{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
{{- '[' ~ ns.calls ~ ' calls]' if ns.calls > 0 else '' }}
"""),
    # Llama 2: llama.meta.com/docs, "Llama 2 prompt template"
    "llama-2": (angle, """
{%- if messages[0]['role'] == 'system' %}
    {%- set loop_messages = messages[1:] %}
    {%- set system_message = '<<SYS>>\\n' + messages[0]['content'] | trim + '\\n<</SYS>>\\n\\n' %}
{%- else %}
    {%- set loop_messages = messages %}
    {%- set system_message = '' %}
{%- endif %}
{%- for message in loop_messages %}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}
    {%- endif %}
    {%- if loop.index0 == 0 %}
        {%- set content = system_message + message['content'] %}
    {%- else %}
        {%- set content = message['content'] %}
    {%- endif %}
    {%- if message['role'] == 'user' %}
        {{- bos_token + '[INST] ' + content | trim + ' [/INST]' }}
    {%- elif message['role'] == 'assistant' %}
        {{- ' ' + content | trim + ' ' + eos_token }}
    {%- endif %}
{%- endfor %}
"""),
    # Llama 3: llama.meta.com/docs, "Meta Llama 3 prompt template"
    "llama-3": ({"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"}, (
        "{% set loop_messages = messages %}{% for message in loop_messages %}"
        "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' %}"
        "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}"
    )),
    # Mistral: docs.mistral.ai, "Tokenization", version 1
    "mistral": (angle, (
        "{{ bos_token }}{% for message in messages %}" + alternate
        + "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}"
        "{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token + ' ' }}"
        "{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}"
    )),
    # Gemma: ai.google.dev/gemma/docs, "Formatting and system instructions"
    "gemma": ({"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>"}, (
        "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
        "{% for message in messages %}" + alternate
        + "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}"
        "{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{'<start_of_turn>model\\n'}}{% endif %}"
    )),
    # Gemma 3, whose content may be parts: the same page
    "gemma-3": ({"bos_token": "<bos>", "eos_token": "<eos>"}, """{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- set first_user_prefix = messages[0]['content'] + '\n\n' if messages[0]['content'] is string else messages[0]['content'][0]['text'] + '\n\n' -%}
    {%- set loop_messages = messages[1:] -%}
{%- else -%}
    {%- set first_user_prefix = "" -%}
    {%- set loop_messages = messages -%}
{%- endif -%}
{%- for message in loop_messages -%}
    {{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else message['role']) + '\n' + (first_user_prefix if loop.first else "") }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- elif message['content'] is iterable -%}
        {%- for item in message['content'] -%}
            {%- if item['type'] == 'image' -%}{{ '<start_of_image>' }}{%- elif item['type'] == 'text' -%}{{ item['text'] | trim }}{%- endif -%}
        {%- endfor -%}
    {%- else -%}
        {{ raise_exception("Invalid content type") }}
    {%- endif -%}
    {{ '<end_of_turn>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<start_of_turn>model\n' }}{%- endif -%}
"""),
    # Zephyr: the model card of HuggingFaceH4/zephyr-7b-beta; block tags on lines of their own
    "zephyr": (angle, """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}
"""),
    # Alpaca: github.com/tatsu-lab/stanford_alpaca, "Data release"
    "alpaca": (angle, """
{%- macro head(role) -%}
### {{ {'user': 'Instruction', 'assistant': 'Response', 'system': 'System'}.get(role, role | capitalize) }}:
{% endmacro -%}
{%- for message in messages -%}
{{ head(message.role) }}{{ message.content }}{{ eos_token if message.role == 'assistant' }}{{ "\n\n" if not loop.last }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '\n\n' ~ head('assistant') }}{%- endif -%}
"""),
    # Vicuna: github.com/lm-sys/FastChat, docs/vicuna_weights_version.md
    "vicuna": (angle, (
        "{% if messages[0].role == 'system' %}{{ messages[0].content | trim + ' ' }}{% endif %}"
        "{% for m in messages if m.role != 'system' %}{{ m.role.upper().replace('USER', 'USER: ').replace('ASSISTANT', 'ASSISTANT: ') }}"
        "{{ m.content.strip() }}{{ eos_token if m.role == 'assistant' else ' ' }}{% endfor %}"
        "{% if add_generation_prompt %}ASSISTANT:{% endif %}"
    )),
    # Phi 3: the model card of microsoft/Phi-3-mini-4k-instruct
    "phi-3": ({**angle, "eos_token": "<|endoftext|>"}, (
        "{% for message in messages %}{{ '<|' ~ message['role'] ~ '|>\n' ~ message['content'] ~ '<|end|>\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}"
    )),
    # reasoning models: what stands before </think> is left out of earlier turns (qwenlm.github.io, Qwen 3)
    "thinking": ({"eos_token": "<|im_end|>"}, """
{%- set ns = namespace(last=messages | length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages | length - 1) - loop.index0 %}
    {%- if message.role == "user" and ns.last == messages | length - 1 %}{%- set ns.last = index %}{%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- set content = message.content %}
    {%- if message.role == "assistant" and '</think>' in content and loop.index0 < ns.last %}
        {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
    {%- endif %}
    {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}
{%- endif %}
"""),
    # none: the special tokens that a folder does not have are empty, statements of every kind
    "statements": ({"bos_token": "<s>", "additional_special_tokens": ["<a>", "<b>"]}, """
{#- a comment -#}
[{{ bos_token }}|{{ eos_token }}|{{ additional_special_tokens | join(',') }}|{{ 'yes' if undefined_name is defined else 'no' }}]
{% for message in messages %}
{% if message.role == 'system' %}{% continue %}{% endif %}
{% if loop.index > 3 %}{% break %}{% endif %}
{{ loop.index }}/{{ loop.length }} {{ message.role | upper }} {{ message | tojson }} {{ messages | length }}
{% else %}
empty
{% endfor %}
{% set numbers = [3, 1, 2] %}
{{ numbers | sort | join('-') }} {{ numbers | first }} {{ (numbers | last) ** 2 }} {{ 7 // 2 }} {{ 7 / 2 }} {{ 7 % 3 }} {{ 'ab'[::-1] }}
{{ messages | map(attribute='role') | join(' ') }} {{ messages | selectattr('role', 'equalto', 'user') | list | length }}
{% for key, value in {'b': 1, 'a': [true, none, 1.5, 'ü']}.items() %}{{ key }}={{ value | tojson }};{% endfor %}
{{ {'b': 1, 'a': [true, none, 1.5, 'ü"<']} | tojson }}
{% filter upper %}x{% endfilter %}
"""),
}
system = {"role": "system", "content": "Answer in Swahili."}
hello = [{"role": "user", "content": "Where is the market?"}]
longer = [*hello, {"role": "assistant", "content": "Soko liko mbali."}, {"role": "user", "content": "  How far?\n"}]
conversations = {
    "one": hello,
    "system": [system, *hello],
    "longer": [system, *longer],
    "answered": [*longer, {"role": "assistant", "content": "<think>\n\nfar\n</think>\n\nKilomita mbili."}],
    "thought": [
        hello[0], {"role": "assistant", "content": "<think>\nhm\n</think>\n\nKwa soko."}, hello[0],
        {"role": "assistant", "content": "<think>\nok\n</think>\n\nHapa."},
    ],
    "scripts": [{"role": "user", "content": "猫は\u3000どこ？ 👩‍👧 <s>[INST] \\n {{ x }} ' \" ñ é"}],
    "empty": [{"role": "user", "content": ""}],
    "twice": [*hello, *hello],
    "parts": [system, {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": " What is it? "}]}],
    "call": [*hello, {"role": "assistant", "content": None, "tool_calls": [
        {"type": "function", "function": {"name": "distance", "arguments": {"to": "market", "unit": "km", "exact": True, "steps": [], "é": 1.5}}},
    ]}, {"role": "tool", "content": "{\"km\": 2}"}],
}
tool = {"type": "function", "function": {"name": "distance", "description": "How far a <place> is & why", "parameters": {
    "type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]}}}
settings = [{}, {"add_generation_prompt": True}, {"add_generation_prompt": True, "tools": [tool]}, {"add_generation_prompt": True, "enable_thinking": False}]


def rendered(tokenizer, conversation, options):
    try:
        return {"text": tokenizer.apply_chat_template(conversation, tokenize=False, **options)}
    except Exception as error:
        return {"error": str(error)}


# messages of which the content is no text, for the templates that take such
only = {"parts": ["gemma-3"], "call": ["chatml-tools"]}
golden = {"conversations": conversations, "settings": settings, "templates": {}}
for name, (tokens, template) in templates.items():
    with tempfile.TemporaryDirectory() as folder:
        PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()), **tokens).save_pretrained(folder)
        (Path(folder) / "chat_template.jinja").write_text(template, encoding="utf8")
        tokenizer = AutoTokenizer.from_pretrained(folder)
    cases = [
        {"conversation": key, "settings": i, **rendered(tokenizer, conversation, options)}
        for key, conversation in conversations.items()
        for i, options in enumerate(settings)
        if name in only.get(key, [name])
        if i < 2 or (i == 2 and "tools" in name) or (i == 3 and name == "thinking")
    ]
    golden["templates"][name] = {"config": tokens, "template": template, "cases": cases}
target.write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n", encoding="utf8")
errors = {case["error"] for each in golden["templates"].values() for case in each["cases"] if "error" in case}
print(target.stat().st_size, "bytes;", sum(len(each["cases"]) for each in golden["templates"].values()), "cases;", *sorted(errors), sep="\n")
