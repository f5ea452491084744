"""A forward pass of BERT in float64, that shares nothing with ours. Used by the scripts beside it."""

import math

import numpy as np


def norm(w, name, x, epsilon):
    centred = x - x.mean(-1, keepdims=True)
    scale = np.sqrt((centred**2).mean(-1, keepdims=True) + epsilon)
    return centred / scale * w[f"{name}.weight"] + w[f"{name}.bias"]


def linear(w, name, x):
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def gelu(x):
    return 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def tanh_gelu(x):
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def rows(w, ids, heads, epsilon=1e-12, activation=gelu, types=0):
    """The tokens' vectors behind all layers; `w` holds tensors by BERT's published names, `types` the tokens' types."""
    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][: len(ids)]
    if "embeddings.token_type_embeddings.weight" in w:
        x = x + w["embeddings.token_type_embeddings.weight"][types]
    x = norm(w, "embeddings.LayerNorm", x, epsilon)
    layer = 0
    while f"encoder.layer.{layer}.output.dense.weight" in w:
        name = f"encoder.layer.{layer}"
        q, k, v = (
            linear(w, f"{name}.attention.self.{part}", x).reshape(len(ids), heads, -1).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[-1])
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        context = ((scores / scores.sum(-1, keepdims=True)) @ v).transpose(1, 0, 2).reshape(len(ids), -1)
        x = norm(
            w, f"{name}.attention.output.LayerNorm", linear(w, f"{name}.attention.output.dense", context) + x, epsilon
        )
        inner = activation(linear(w, f"{name}.intermediate.dense", x))
        x = norm(w, f"{name}.output.LayerNorm", linear(w, f"{name}.output.dense", inner) + x, epsilon)
        layer += 1
    return x


def embed(w, ids, heads, epsilon=1e-12, activation=gelu, pooling="mean"):
    """The vector of one sequence of token ids, of unit length."""
    x = rows(w, ids, heads, epsilon, activation)
    vector = x[0] if pooling == "cls" else x.mean(0)
    return vector / np.linalg.norm(vector)


def score(w, ids, types, heads, epsilon=1e-12, activation=gelu):
    """The one number that a BertForSequenceClassification makes of a pair; `classifier` is among the tensors."""
    first = rows(w, ids, heads, epsilon, activation, types)[:1]
    return float(linear(w, "classifier", np.tanh(linear(w, "pooler.dense", first)))[0, 0])
