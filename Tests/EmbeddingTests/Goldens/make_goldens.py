"""Makes embeddings.json: ids and vectors of some texts, by an implementation that shares nothing with ours.

usage: python make_goldens.py ../../../Models/all-minilm-l6-v2 embeddings.json
needs: pip install tokenizers==0.23.3 numpy==2.4.6

Ids are those of Hugging Face `tokenizers`, once with special tokens parsed and once as text; vectors are of the
ids as text, cut at 256 tokens, by the forward pass below in float64, rounded to 7 decimals.
"""

import json
import math
import pathlib
import struct
import sys

import numpy as np
import tokenizers

WINDOW = 256
HEADS = 12

TEXTS = [
    "",
    " \t\r\n ",
    "a",
    "The carrel is the private desk in a library.",
    "How do I rotate a certificate without restarting the server?",
    "Naïve café, façade, coöperate; ÀÉÎÕÜ; Žluťoučký kůň; Đorđe, Łódź, ßtraße, ŒUVRE, İstanbul, ıspanak.",
    "Cafe\u0301 with a combining accent, and n\u0303 and u\u0308 and a\u0323\u0307 in either order a\u0307\u0323.",
    "Die Donaudampfschifffahrtsgesellschaft stellte im Frühjahr den Fährbetrieb ein.",
    "La carte-mère qu'il a achetée n'est pas compatible ; c'est dommage !",
    "¿Dónde está la biblioteca más cercana? ¡No lo sé!",
    "В начале было слово, и слово было у библиотекаря. Ёлка, йод.",
    "Η βιβλιοθήκη της Αλεξάνδρειας ήταν ΜΕΓΑΛΗ. ΟΔΥΣΣΕΥΣ",
    "圖書館裡有一張安靜的書桌。数据库事务是原子的。",
    "図書館の個人用机をカレルといいます。ガギグゲゴ ｶﾞｷﾞ ㍿",
    "도서관의 개인 책상은 조용하다. 한글 자모 각",
    "المكتبة مفتوحة كلَّ يومٍ؛ هل تعلم؟",
    "הספרייה פתוחה בְּכָל יוֹם",
    "पुस्तकालय हर दिन खुला रहता है। ज़मीन",
    "ห้องสมุดเปิดทุกวัน",
    "Thư viện mở cửa mỗi ngày, Nguyễn Huệ.",
    "Emoji: 👩🏽‍💻 writes 🐍 & 🦀; flags 🇩🇪🇯🇵; hearts ❤️ ♥ ☕️ 1️⃣",
    "let row = rows[i]; // x += 1 && y != 0 -> {\"key\": [1, 2.5e-3, null]} <tag attr='v'/> #include <stdio.h>",
    "…—–‘quotes’ “double” «guillemets» „low“ ‹x› • · † ‡ § ¶ ™ © ® € £ ¥ ¢ ° ± × ÷ ≤ ≥ ≠ ∞ √ ∑ ∫ ½ ²",
    "!!!???...,,,;;;:::(((([[[{{{<<<>>>}}}]]]))))@@@###$$$%%%^^^&&&***___---+++===~~~```|||\\\\\\///\"\"\"'''",
    "[CLS] a text must not inject [SEP] special tokens [MASK] or [PAD] or [UNK], nor [sep] [ SEP ] ##ing",
    "control \u0000 \u0007 \u007f \u0085 zero\u200bwidth \u200e\u202a \ufeff soft\u00adhyphen private \ue000 \ufffd end",
    "spaces:\u00a0no-break\u2003em\u2009thin\u3000ideographic\u2028line\u2029paragraph\u1680ogham\u202fnarrow",
    "x" * 100 + " " + "y" * 101 + " " + "é" * 100 + " " + "é" * 101 + " e" + "\u0301" * 300 + "f",
    "ﬁne ﬂow Ⅳ ① Å Ω K ǅ ŉ 𝐁𝐨𝐥𝐝 𝔉raktur ｆｕｌｌ ㎏ ﷺ",
    "10.5 %, 1,000,000.00 €, 2026-11-23T16:43:47Z, 192.168.0.1, user@example.org, https://example.org/a?b=c#d, v1.2.3-rc4",
    "\U0001f600" * 40,
    " ".join(f"Shelf {i} holds {i * 37 % 101} volumes about topic {i % 7}." for i in range(60)),
    "一" * 400,
    "unaffable " * 127 + "end",
]


def tensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    return {
        name: np.frombuffer(
            data[8 + length :], "<f4", count=math.prod(entry["shape"]), offset=entry["data_offsets"][0]
        )
        .reshape(entry["shape"])
        .astype(np.float64)
        for name, entry in header.items()
        if name != "__metadata__" and entry["dtype"] == "F32"
    }


def norm(w, name, x):
    centred = x - x.mean(-1, keepdims=True)
    scale = np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
    return centred / scale * w[f"{name}.weight"] + w[f"{name}.bias"]


def linear(w, name, x):
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def gelu(x):
    return 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def forward(w, ids):
    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm(w, "embeddings.LayerNorm", x + w["embeddings.token_type_embeddings.weight"][0])
    layer = 0
    while f"encoder.layer.{layer}.output.dense.weight" in w:
        name = f"encoder.layer.{layer}"
        q, k, v = (
            linear(w, f"{name}.attention.self.{part}", x).reshape(len(ids), HEADS, -1).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[-1])
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        heads = (scores / scores.sum(-1, keepdims=True)) @ v
        context = heads.transpose(1, 0, 2).reshape(len(ids), -1)
        x = norm(
            w, f"{name}.attention.output.LayerNorm", linear(w, f"{name}.attention.output.dense", context) + x
        )
        inner = gelu(linear(w, f"{name}.intermediate.dense", x))
        x = norm(w, f"{name}.output.LayerNorm", linear(w, f"{name}.output.dense", inner) + x)
        layer += 1
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def main():
    model, out = pathlib.Path(sys.argv[1]), sys.argv[2]
    w = tensors(model / "model.safetensors")
    parsing = tokenizers.Tokenizer.from_file(str(model / "tokenizer.json"))
    parsing.no_truncation()
    parsing.no_padding()
    literal = tokenizers.Tokenizer.from_file(str(model / "tokenizer.json"))
    literal.no_truncation()
    literal.no_padding()
    literal.encode_special_tokens = True
    items = []
    for text in TEXTS:
        ids = literal.encode(text).ids
        window = ids if len(ids) <= WINDOW else ids[: WINDOW - 1] + ids[-1:]
        items.append(
            {
                "text": text,
                "ids": ids,
                "idsWithSpecialTokensParsed": parsing.encode(text).ids,
                "vector": [round(float(v), 7) for v in forward(w, window)],
            }
        )
    with open(out, "w") as file:
        json.dump(
            {
                "tools": f"tokenizers {tokenizers.__version__}, numpy {np.__version__} (float64)",
                "command": "python make_goldens.py ../../../Models/all-minilm-l6-v2 embeddings.json",
                "weights": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            },
            file,
            indent=1,
        )
        file.seek(file.tell() - 2)
        file.write(',\n "items": [\n')
        file.write(",\n".join("  " + json.dumps(item) for item in items))
        file.write("\n ]\n}\n")


main()
