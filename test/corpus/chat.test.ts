import { describe, expect, test } from "vitest";
import { readMessages } from "../../src/corpus/chat-messages.ts";
import { readTemplate, renderChat, type ChatTemplate } from "../../src/corpus/chat.ts";
import { readChats } from "../../src/corpus/chat-records.ts";
import { fileOf, gather, outcomes } from "./files.ts";

const parsed = (text: string, bosToken = "<s>", eosToken = "</s>"): ChatTemplate => {
  const template = readTemplate(text, { bosToken, eosToken });
  if (!template.ok) throw new Error(template.error);
  return template.value;
};

/** ChatML, as Qwen and many others use it, with a system message where there is none. */
const chatml = parsed(
  `{%- if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nYou help.<|im_end|>\\n' }}{% endif -%}
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' + message.content | trim + '<|im_end|>' + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`,
  "",
);

/** Headers and a date, in the manner of Llama 3.1. */
const headers = parsed(
  `{{ bos_token }}
{%- set date = strftime_now("%d %b %Y") if strftime_now is defined else "none" %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\nToday Date: " ~ date ~ "<|eot_id|>" }}
{%- for message in messages %}
    {{- '<|start_header_id|>' ~ message['role'] ~ '<|end_header_id|>\\n\\n' ~ message['content'] | trim ~ '<|eot_id|>' }}
{%- endfor %}`,
  "<|begin_of_text|>",
  "<|eot_id|>",
);

/** Turns, with "model" for the assistant and no system role, in the manner of Gemma. */
const turns = parsed(
  `{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}
{% for message in messages %}
{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
{{ raise_exception('Roles must alternate') }}
{% endif %}
{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}
{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}`,
  "<bos>",
);

/** Instructions in brackets, the system message in front of the first, in the manner of Mistral. */
const brackets = parsed(
  `{%- if messages[0]["role"] == "system" %}
    {%- set system = messages[0]["content"] %}
    {%- set rest = messages[1:] %}
{%- else %}
    {%- set rest = messages %}
{%- endif %}
{%- set ns = namespace(first=true) %}
{{- bos_token }}
{%- for message in rest %}
    {%- if message["role"] == "user" %}
        {{- "[INST] " }}{%- if system is defined and ns.first %}{{- system + "\\n\\n" }}{%- endif %}
        {%- set ns.first = false %}
        {{- message["content"] + " [/INST]" }}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"] | trim + eos_token }}
    {%- else %}
        {{- raise_exception("Only user and assistant roles are supported, with the exception of an initial system message") }}
    {%- endif %}
{%- endfor %}`,
);

const user = (content: unknown): object => ({ role: "user", content });
const assistant = (content: unknown): object => ({ role: "assistant", content });
const talk = [user("Does it hurt? "), assistant("No.")];

describe("renderChat", () => {
  test.each([
    [
      "ChatML",
      chatml,
      "<|im_start|>system\nYou help.<|im_end|>\n<|im_start|>user\nDoes it hurt?<|im_end|>\n<|im_start|>assistant\nNo.<|im_end|>\n",
    ],
    [
      "headers, always with the same date",
      headers,
      "<|start_header_id|>system<|end_header_id|>\n\nToday Date: 26 Jul 2024<|eot_id|>" +
        "<|start_header_id|>user<|end_header_id|>\n\nDoes it hurt?<|eot_id|>" +
        "<|start_header_id|>assistant<|end_header_id|>\n\nNo.<|eot_id|>",
    ],
    ["turns", turns, "<start_of_turn>user\nDoes it hurt?<end_of_turn>\n<start_of_turn>model\nNo.<end_of_turn>\n"],
    ["brackets", brackets, "[INST] Does it hurt?  [/INST] No.</s>"],
  ])("renders %s without the token that begins a sequence", (_, template, text) => {
    expect(renderChat(template, talk)).toEqual({ ok: true, value: text });
  });

  test("renders a system message where the template has a place for it", () => {
    const messages = [{ role: "system", content: "Be short." }, ...talk];
    expect(renderChat(brackets, messages)).toEqual({
      ok: true,
      value: "[INST] Be short.\n\nDoes it hurt?  [/INST] No.</s>",
    });
    expect(renderChat(turns, messages)).toEqual({
      ok: false,
      error: "is refused by the chat template: System role not supported",
    });
  });

  test("takes off one token that begins a sequence, and nothing when there is none", () => {
    expect(renderChat(parsed("{{ bos_token }}{{ bos_token }}x"), talk)).toEqual({ ok: true, value: "<s>x" });
    expect(renderChat(parsed("x{{ bos_token }}", ""), talk)).toEqual({ ok: true, value: "x" });
  });

  test("joins the text parts of a message, and knows ShareGPT's names", () => {
    const parts = [
      { type: "text", text: "Does it" },
      { type: "text", text: "hurt?" },
    ];
    const plain = parsed("{% for m in messages %}{{ m.role }}: {{ m.content }};{% endfor %}");
    expect(renderChat(plain, [user(parts)])).toEqual({ ok: true, value: "user: Does it\nhurt?;" });
    const shared = [
      { from: "system", value: "a" },
      { from: "human", value: "b" },
      { from: "gpt", value: "c" },
    ];
    expect(renderChat(plain, shared)).toEqual({ ok: true, value: "system: a;user: b;assistant: c;" });
  });

  test.each([
    [{ messages: [] }, "has no list of messages"],
    ["hello", "has no list of messages"],
    [[], "has an empty list of messages"],
    [["hello"], "has a message that is no object (message 1)"],
    [[user("a"), null], "has a message that is no object (message 2)"],
    [[{ content: "a" }], "has a message without a role (message 1)"],
    [[user(null)], "has a message without content (message 1)"],
    [[user(7)], "has a message without content (message 1)"],
    [[user([{ type: "image_url", image_url: {} }])], "has a part of type `image_url`, which is no text (message 1)"],
    [[user([null])], "has a part of type unknown, which is no text (message 1)"],
    [
      [{ from: "function_call", value: "a" }],
      "has a message from `function_call`, which is no known speaker (message 1)",
    ],
    [[{ from: "gpt" }], "has a message without a text (message 1)"],
    [[{ ...assistant(""), tool_calls: [{}] }], "has a message with `tool_calls`, which cannot be rendered (message 1)"],
    [Array.from({ length: 2001 }, () => user("a")), "has 2001 messages, more than 2000"],
  ])("names what is wrong with %j", (messages, error) => {
    expect(readMessages(messages)).toEqual({ ok: false, error });
  });

  test("takes an empty list of calls for none", () => {
    expect(readMessages([{ ...assistant("a"), tool_calls: [], function_call: null }]).ok).toBe(true);
  });
});

describe("a template", () => {
  test.each(["{% for m in messages %}", "{{ 'open", "{% if %}{% endif %}", "{% endfor %}"])(
    "that is none is refused in words: %s",
    (text) => {
      expect(readTemplate(text, { bosToken: "", eosToken: "" })).toEqual({
        ok: false,
        error: expect.stringMatching(/^has a chat template that cannot be read: ./) as string,
      });
    },
  );

  test.each([
    [
      "ranges in ranges",
      "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}",
    ],
    ["messages for messages", `${"{% for a in messages %}".repeat(12)}x${"{% endfor %}".repeat(12)}`],
    ["a huge range", "{{ range(1000000000) | length }}"],
    ["a range without an end", "{{ range(1, 10, 0) | length }}"],
    ["a macro that calls itself", "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}"],
    [
      "text that doubles",
      "{% set n = namespace(t='abcdefgh') %}{% for i in range(60) %}{% set n.t = n.t ~ n.t %}{% endfor %}{{ n.t }}",
    ],
    [
      "a list that doubles",
      "{% set n = namespace(t=[1,2]) %}{% for i in range(60) %}{% set n.t = n.t + n.t %}{% endfor %}",
    ],
    ["an unknown filter", "{{ messages | nonsense }}"],
    ["its own words", "{{ raise_exception('No.') }}"],
  ])("that cannot be rendered is refused in words, not for ever: %s", (_, text) => {
    const messages = Array.from({ length: 20 }, () => user("hello"));
    // Without bounds most of these take hours.
    expect(renderChat(parsed(text), messages)).toEqual({
      ok: false,
      error: expect.stringMatching(/^is refused by the chat template: ./) as string,
    });
  });

  test("has steps enough for a long conversation", () => {
    const messages = Array.from({ length: 1000 }, () => [user("x".repeat(500)), assistant("y".repeat(500))]).flat();
    for (const template of [chatml, headers, turns, brackets]) expect(renderChat(template, messages).ok).toBe(true);
  });
});

describe("readChats", () => {
  const read = async (records: readonly unknown[], field = "messages", maxLength = 200): Promise<string[]> => {
    const file = fileOf("a.jsonl", records.map((record) => JSON.stringify(record)).join("\n"));
    return outcomes(await gather(readChats(file, { field, group: undefined }, brackets, maxLength)));
  };

  test("renders the messages of each record, or the record that is the messages", async () => {
    const records = [{ messages: talk }, talk];
    const text = "[INST] Does it hurt?  [/INST] No.</s>";
    expect(await read(records)).toEqual([text, text]);
    expect(await read([{ data: { turns: talk } }], "data.turns")).toEqual([text]);
  });

  test("tells of records that are no chats, and reads on", async () => {
    const records = [
      { text: "a" },
      7,
      { messages: "a" },
      { messages: [{ role: "tool", content: "a" }] },
      { messages: talk },
    ];
    expect(await read(records)).toEqual([
      "a.jsonl:1: line 1 lacks `messages`; it has `text`",
      "a.jsonl:2: line 2 is no JSON object",
      "a.jsonl:3: line 3 has no list of messages",
      expect.stringMatching(/^a\.jsonl:4: line 4 is refused by the chat template: Only user and assistant/),
      "[INST] Does it hurt?  [/INST] No.</s>",
    ]);
  });

  test("tells of a conversation that is too long, before or after it is rendered", async () => {
    const records = [{ messages: [user("a".repeat(201))] }, { messages: [user("a".repeat(195))] }, { messages: talk }];
    expect(await read(records)).toEqual(["a.jsonl:1 is too long", "a.jsonl:2 is too long", expect.any(String)]);
  });

  test("puts conversations of one group together", async () => {
    const file = fileOf("a.jsonl", JSON.stringify({ messages: talk, patient: 7 }));
    const readings = await gather(readChats(file, { field: "messages", group: "patient" }, brackets, 200));
    expect(readings).toMatchObject([{ kind: "document", group: "patient = 7" }]);
  });
});
