"""Engines that run the same model: each makes unit-length mean vectors of texts, from strings to an array."""

from importlib.metadata import version
from pathlib import Path

import numpy as np

NAMES = ("onnxruntime-float32", "onnxruntime-int8", "torch-float32", "torch-bfloat16", "torch-int8", "fastembed-float32")


def exported(model: Path, scratch: Path) -> Path:
    """The encoder as an ONNX file, its nodes fused by onnxruntime's own optimizer; made once."""
    path = scratch / "float32" / "model.onnx"
    if path.exists():
        return path
    import torch
    from onnxruntime.transformers import optimizer
    from transformers import BertModel

    path.parent.mkdir(parents=True, exist_ok=True)
    bert = BertModel.from_pretrained(model, add_pooling_layer=False, attn_implementation="eager").eval()

    class Encoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.bert = bert

        def forward(self, ids, mask, types):
            return self.bert(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state

    ids = torch.tensor([[101, 2300, 102], [101, 102, 0]])
    inputs = {"input_ids": ids, "attention_mask": (ids != 0).long(), "token_type_ids": torch.zeros_like(ids)}
    plain = path.with_name("plain.onnx")
    axes = {name: {0: "batch", 1: "length"} for name in (*inputs, "last_hidden_state")}
    torch.onnx.export(
        Encoder(), tuple(inputs.values()), str(plain), input_names=list(inputs), output_names=["last_hidden_state"],
        dynamic_axes=axes, opset_version=17, dynamo=False)
    config = bert.config
    fused = optimizer.optimize_model(
        str(plain), model_type="bert", num_heads=config.num_attention_heads, hidden_size=config.hidden_size)
    fused.save_model_to_file(str(path))
    return path


def rounded(model: Path, scratch: Path) -> Path:
    """Weights in bytes with a scale for each output, inputs rounded as they come."""
    path = scratch / "int8" / "model.onnx"
    if not path.exists():
        from onnx import TensorProto
        from onnxruntime.quantization import QuantType, quantize_dynamic

        path.parent.mkdir(parents=True, exist_ok=True)
        # The fused nodes are onnxruntime's own, of which its quantizer cannot find out the type by itself.
        quantize_dynamic(
            exported(model, scratch), path, weight_type=QuantType.QInt8, per_channel=True,
            extra_options={"DefaultTensorType": TensorProto.FLOAT})
    return path


def pooled(hidden: np.ndarray, mask: np.ndarray) -> np.ndarray:
    means = (hidden * mask[..., None]).sum(axis=1)
    return means / np.linalg.norm(means, axis=1, keepdims=True)


class Onnxruntime:
    def __init__(self, file: Path, by, threads: int):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        self.session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self.by = by

    def facts(self) -> dict:
        return {"version": f"onnxruntime {version('onnxruntime')}"}

    def embed(self, texts: list[str]) -> np.ndarray:
        rows = [encoding.ids for encoding in self.by.encode_batch(texts)]
        ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(rows):
            ids[row, :len(tokens)], mask[row, :len(tokens)] = tokens, 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        return pooled(self.session.run(None, inputs)[0], mask)


class Torch:
    """Sentence Transformers, as its users call it."""

    def __init__(self, model: Path, precision: str, threads: int):
        import torch
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.models import Normalize, Pooling, Transformer

        torch.set_num_threads(threads)
        encoder = Transformer(str(model), max_seq_length=256)
        self.model = SentenceTransformer(
            modules=[encoder, Pooling(encoder.get_word_embedding_dimension(), "mean"), Normalize()], device="cpu")
        if precision == "bfloat16":
            self.model = self.model.to(torch.bfloat16)
        if precision == "int8":
            encoder.model = torch.ao.quantization.quantize_dynamic(encoder.model, {torch.nn.Linear}, dtype=torch.qint8)

    def facts(self) -> dict:
        return {"version": f"sentence-transformers {version('sentence-transformers')}, torch {version('torch')}"}

    def embed(self, texts: list[str]) -> np.ndarray:
        rows = self.model.encode(
            texts, batch_size=len(texts), show_progress_bar=False, convert_to_tensor=True, convert_to_numpy=False)
        return rows.float().numpy()


class Fastembed:
    def __init__(self, model: Path, scratch: Path, threads: int):
        import shutil

        from fastembed import TextEmbedding
        from fastembed.common.model_description import ModelSource, PoolingType

        folder = scratch / "fastembed"
        folder.mkdir(exist_ok=True)
        shutil.copy(exported(model, scratch), folder / "model.onnx")
        for name in ("config.json", "tokenizer.json"):
            shutil.copy(model / name, folder / name)
        limits = '"model_max_length": 256, "max_length": 256, "pad_token": "[PAD]"'
        (folder / "tokenizer_config.json").write_text("{" + limits + "}")
        (folder / "special_tokens_map.json").write_text(
            '{"cls_token": "[CLS]", "mask_token": "[MASK]", "pad_token": "[PAD]", "sep_token": "[SEP]", "unk_token": "[UNK]"}')
        TextEmbedding.add_custom_model(
            model="local", pooling=PoolingType.MEAN, normalization=True, sources=ModelSource(hf="local/local"), dim=384,
            model_file="model.onnx")
        self.model = TextEmbedding("local", specific_model_path=str(folder), threads=threads)

    def facts(self) -> dict:
        return {"version": f"fastembed {version('fastembed')}"}

    def embed(self, texts: list[str]) -> np.ndarray:
        return np.stack(list(self.model.embed(texts, batch_size=len(texts))))


def make(name: str, model: Path, by, threads: int, scratch: Path):
    kind, _, precision = name.partition("-")
    match kind:
        case "onnxruntime":
            file = rounded(model, scratch) if precision == "int8" else exported(model, scratch)
            return Onnxruntime(file, by, threads)
        case "torch":
            return Torch(model, precision, threads)
        case "fastembed":
            return Fastembed(model, scratch, threads)
        case _:
            raise ValueError(f"no such engine: {name}")
