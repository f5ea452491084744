"""Makes tiny-reranker and tiny_reranker.json: a cross-encoder as transformers stores one, and the scores of some pairs by
an implementation that shares nothing with ours.

usage: python make_tiny_reranker.py
needs: pip install tokenizers==0.23.3 numpy==2.4.6

The weights are noise of a seed. Ids and types are those of Hugging Face `tokenizers`, which cuts the passage to the
window and, before that, the question to half of it; scores are those of bert_reference.py in float64.
"""

import json
import pathlib
import struct

import numpy as np
import tokenizers

import bert_reference

HERE = pathlib.Path(__file__).parent
FOLDER = HERE / "tiny-reranker"
HIDDEN, HEADS, LAYERS, INTERMEDIATE, POSITIONS = 32, 1, 2, 48, 24

PIECES = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] the a in of and petrel lamp burrow nest old night island water gull un break able "
    "##able ##s ##ing ##er ##ed where does comes at . , ; ! ?"
).split()

PAIRS = [
    ("where does the petrel nest?", "The petrel nests in a burrow."),
    ("where does the petrel nest?", "An old lamp."),
    ("where does the petrel nest?", ""),
    ("", "the gull comes at night"),
    ("lamp", "[SEP] unbreakable lamps; [CLS]"),
    # Both beyond what there is room for.
    ("the gull " * 12, "a petrel comes at night, " * 9),
    ("lamp", "a petrel comes at night, " * 9),
    ("the gull " * 12, "water"),
]


def made_weights():
    random = np.random.default_rng(21)

    def noise(*shape, scale=0.3, around=0.0):
        return (around + scale * random.standard_normal(shape)).astype("<f4")

    w = {
        "embeddings.word_embeddings.weight": noise(len(PIECES), HIDDEN, scale=1),
        "embeddings.position_embeddings.weight": noise(POSITIONS, HIDDEN),
        "embeddings.token_type_embeddings.weight": noise(2, HIDDEN, scale=1),
        "pooler.dense.weight": noise(HIDDEN, HIDDEN),
        "pooler.dense.bias": noise(HIDDEN),
        "classifier.weight": noise(1, HIDDEN, scale=1),
        "classifier.bias": noise(1),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        for part, outputs, inputs in [
            ("attention.self.query", HIDDEN, HIDDEN), ("attention.self.key", HIDDEN, HIDDEN),
            ("attention.self.value", HIDDEN, HIDDEN), ("attention.output.dense", HIDDEN, HIDDEN),
            ("intermediate.dense", INTERMEDIATE, HIDDEN), ("output.dense", HIDDEN, INTERMEDIATE),
        ]:
            w[f"{name}.{part}.weight"] = noise(outputs, inputs)
            w[f"{name}.{part}.bias"] = noise(outputs)
        norms += [f"{name}.attention.output.LayerNorm", f"{name}.output.LayerNorm"]
    for name in norms:
        w[f"{name}.weight"] = noise(HIDDEN, around=1)
        w[f"{name}.bias"] = noise(HIDDEN)
    return w


def write_model(weights):
    FOLDER.mkdir(exist_ok=True)
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, array in weights.items():
        # The head's last map stands beside the encoder, everything else within it.
        there = name if name.startswith("classifier") else f"bert.{name}"
        blob = array.tobytes()
        header[there] = {
            "dtype": "F32", "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(blob)]}
        data += blob
    head = json.dumps(header, separators=(",", ":")).encode()
    (FOLDER / "model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + data)
    config = {
        "architectures": ["BertForSequenceClassification"], "id2label": {"0": "LABEL_0"}, "model_type": "bert",
        "hidden_size": HIDDEN, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
        "intermediate_size": INTERMEDIATE, "max_position_embeddings": POSITIONS, "vocab_size": len(PIECES),
        "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu"}
    (FOLDER / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    tokenizer = tokenizers.BertWordPieceTokenizer(vocab={piece: i for i, piece in enumerate(PIECES)}, lowercase=True)
    tokenizer.save(str(FOLDER / "tokenizer.json"), pretty=False)
    tokenizer._tokenizer.encode_special_tokens = True
    return tokenizer


def encoded(tokenizer, query, passage):
    tokenizer.no_truncation()
    ids = tokenizer.encode(query).ids
    if len(ids) > POSITIONS // 2:
        ids = ids[: POSITIONS // 2 - 1] + ids[-1:]
    rest = tokenizer.encode(passage).ids[1:-1][: POSITIONS - len(ids) - 1] + ids[-1:]
    pair = tokenizer.encode(query, passage)
    if len(pair.ids) <= POSITIONS and len(tokenizer.encode(query).ids) <= POSITIONS // 2:
        assert pair.ids == ids + rest and pair.type_ids == [0] * len(ids) + [1] * len(rest)
    return ids + rest, [0] * len(ids) + [1] * len(rest)


def main():
    weights = made_weights()
    tokenizer = write_model(weights)
    values = {name: array.astype(np.float64) for name, array in weights.items()}
    items = []
    for query, passage in PAIRS:
        ids, types = encoded(tokenizer, query, passage)
        score = bert_reference.score(values, ids, types, HEADS)
        items.append({"query": query, "passage": passage, "score": round(score, 7)})
    golden = {
        "tools": f"tokenizers {tokenizers.__version__}, numpy {np.__version__} (float64)",
        "command": "python make_tiny_reranker.py", "items": items}
    (HERE / "tiny_reranker.json").write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n")


main()
