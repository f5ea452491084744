"""Makes tiny-uncased, tiny-cased and tiny_models.json: two checkpoints of other shapes than MiniLM's, and the ids and
vectors of some texts by an implementation that shares nothing with ours.

usage: python make_tiny_models.py [--transformers]
needs: pip install tokenizers==0.23.3 numpy==2.4.6

The weights are noise of a seed. Ids are those of Hugging Face `tokenizers`, vectors those of bert_reference.py on the
weights as they are stored, rounded to 7 decimals. With --transformers the vectors are compared with those of
`transformers` and `torch` as well, and nothing is written.
"""

import json
import pathlib
import struct
import sys

import numpy as np
import tokenizers

import bert_reference

HERE = pathlib.Path(__file__).parent

TEXTS = [
    "",
    "a",
    "The petrel nests in a burrow.",
    "UNBREAKABLE lamps, Naïve café!",
    "the the the the the the the the the the the the the the the the the the the the the the",
    "petrels nesting; 12 lamps (old) unknownword 鳥",
]

WORDS = (
    "the a in of and petrel lamp burrow nest old night island water gull un break able ##able ##s ##ing ##er ##ed "
    "##l ##t ##n ##e ##a ##r ##b ##u naive cafe 1 2 ##2 . , ; ! ( ) 鳥"
).split()
CASED_WORDS = "The Naïve café UN ##BREAKABLE N ##a ##ï ##ve U The\u0301".split()
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

# Shapes that share no number: the heads' sizes are 16 and 10, of which no kernel of ours takes either.
MODELS = {
    "tiny-uncased": dict(
        hidden=48, heads=3, layers=2, intermediate=80, positions=24, types=2, rows=64, activation="gelu",
        dtype="F16", prefix="bert.", pooling="cls", seed=11),
    "tiny-cased": dict(
        hidden=20, heads=2, layers=1, intermediate=28, positions=20, types=0, rows=64, activation="gelu_new",
        dtype="BF16", prefix="model.", pooling="mean", seed=12),
}


def made_weights(m):
    """Tensors by their published names, float32."""
    random = np.random.default_rng(m["seed"])
    h, f = m["hidden"], m["intermediate"]

    def noise(*shape, scale=0.3, around=0.0):
        return (around + scale * random.standard_normal(shape)).astype(np.float32)

    w = {
        "embeddings.word_embeddings.weight": noise(m["rows"], h, scale=1),
        "embeddings.position_embeddings.weight": noise(m["positions"], h),
        "pooler.dense.weight": noise(h, h),
        "pooler.dense.bias": noise(h),
    }
    if m["types"]:
        w["embeddings.token_type_embeddings.weight"] = noise(m["types"], h)
    norms = ["embeddings.LayerNorm"]
    for layer in range(m["layers"]):
        name = f"encoder.layer.{layer}"
        for part, outputs, inputs in [
            ("attention.self.query", h, h), ("attention.self.key", h, h), ("attention.self.value", h, h),
            ("attention.output.dense", h, h), ("intermediate.dense", f, h), ("output.dense", h, f),
        ]:
            w[f"{name}.{part}.weight"] = noise(outputs, inputs)
            w[f"{name}.{part}.bias"] = noise(outputs)
        norms += [f"{name}.attention.output.LayerNorm", f"{name}.output.LayerNorm"]
    for name in norms:
        w[f"{name}.weight"] = noise(h, around=1)
        w[f"{name}.bias"] = noise(h)
    return w


def stored(array, dtype):
    """The bytes of an array, and what they stand for."""
    if dtype == "F16":
        half = array.astype("<f2")
        return half.tobytes(), half.astype(np.float64)
    bits = array.astype("<f4").view("<u4") >> 16
    return bits.astype("<u2").tobytes(), (bits << 16).view("<f4").astype(np.float64)


def write_safetensors(path, weights, m):
    header, data, values = {"__metadata__": {"format": "pt"}}, b"", {}
    for name, array in weights.items():
        # Biases in another type than the matrices, and the old names of a normalisation's weights.
        dtype = m["dtype"] if array.ndim == 2 or m["dtype"] == "F16" else "F32"
        if dtype == "F32":
            blob, value = array.astype("<f4").tobytes(), array.astype(np.float64)
        else:
            blob, value = stored(array, dtype)
        there = m["prefix"] + name
        if m["types"] == 0:
            there = there.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
        header[there] = {
            "dtype": dtype, "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(blob)]}
        data += blob
        values[name] = value
    head = json.dumps(header, separators=(",", ":")).encode()
    path.write_bytes(struct.pack("<Q", len(head)) + head + data)
    return values


def write_model(name, m):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    values = write_safetensors(folder / "model.safetensors", made_weights(m), m)
    config = {
        "architectures": ["BertModel"], "model_type": "bert", "hidden_size": m["hidden"],
        "num_hidden_layers": m["layers"], "num_attention_heads": m["heads"], "intermediate_size": m["intermediate"],
        "max_position_embeddings": m["positions"], "vocab_size": m["rows"], "type_vocab_size": m["types"],
        "layer_norm_eps": 1e-12, "hidden_act": m["activation"]}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    is_cased = name == "tiny-cased"
    pieces = SPECIALS + WORDS + (CASED_WORDS if is_cased else [])
    tokenizer = tokenizers.BertWordPieceTokenizer(
        vocab={piece: i for i, piece in enumerate(dict.fromkeys(pieces))}, lowercase=not is_cased)
    pooling = folder / "1_Pooling"
    pooling.mkdir(exist_ok=True)
    modes = {"word_embedding_dimension": m["hidden"]}
    for mode in ["cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens"]:
        modes[f"pooling_mode_{mode}"] = mode.startswith(m["pooling"]) and mode != "mean_sqrt_len_tokens"
    (pooling / "config.json").write_text(json.dumps(modes, indent=1) + "\n")
    if is_cased:
        (folder / "vocab.txt").write_text("".join(piece + "\n" for piece in dict.fromkeys(pieces)))
        (folder / "tokenizer_config.json").write_text('{"do_lower_case": false}\n')
        (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 16, "do_lower_case": false}\n')
        (folder / "config_sentence_transformers.json").write_text(
            '{"prompts": {"query": "The lamp: ", "document": ""}}\n')
    else:
        tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    return values, tokenizer


def windowed(ids, size):
    return ids if len(ids) <= size else ids[: size - 1] + ids[-1:]


def items(name, m):
    values, tokenizer = write_model(name, m)
    tokenizer._tokenizer.encode_special_tokens = True
    activation = bert_reference.tanh_gelu if m["activation"] == "gelu_new" else bert_reference.gelu
    window = 16 if name == "tiny-cased" else m["positions"]
    for text in TEXTS:
        ids = tokenizer.encode(text).ids
        vector = bert_reference.embed(
            values, windowed(ids, window), m["heads"], activation=activation, pooling=m["pooling"])
        yield {"text": text, "ids": ids, "vector": [round(float(v), 7) for v in vector]}


def compare_with_transformers(golden):
    import torch
    import transformers

    for name, m in MODELS.items():
        values, _ = write_model(name, m)
        config = transformers.BertConfig.from_json_file(str(HERE / name / "config.json"))
        config.type_vocab_size = max(m["types"], 1)
        model = transformers.BertModel(config).double().eval()
        state = {key: torch.tensor(value) for key, value in values.items()}
        state.setdefault(
            "embeddings.token_type_embeddings.weight", torch.zeros(1, m["hidden"], dtype=torch.float64))
        missing, unexpected = model.load_state_dict(state, strict=False)
        assert not unexpected and all("position_ids" in key for key in missing), (missing, unexpected)
        window = 16 if name == "tiny-cased" else m["positions"]
        worst = 0.0
        for item in golden["models"][name]:
            with torch.no_grad():
                rows = model(torch.tensor([windowed(item["ids"], window)])).last_hidden_state[0]
            vector = rows[0] if m["pooling"] == "cls" else rows.mean(0)
            vector = (vector / vector.norm()).numpy()
            worst = max(worst, float(np.abs(vector - np.array(item["vector"])).max()))
        print(f"{name}: {worst:.1e} at most from transformers {transformers.__version__}, torch {torch.__version__}")


def main():
    golden = {
        "tools": f"tokenizers {tokenizers.__version__}, numpy {np.__version__} (float64)",
        "command": "python make_tiny_models.py",
        "models": {name: list(items(name, m)) for name, m in MODELS.items()},
    }
    if "--transformers" in sys.argv[1:]:
        return compare_with_transformers(golden)
    (HERE / "tiny_models.json").write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n")


main()
