"""A real llama.cpp server with a model file that is made on the spot.

Writes a GGUF file whose weights make a model that says one sentence, whatever it is asked, and serves it with the HTTP
server of llama.cpp (from the wheel `xllamacpp`). Prints `listening URL` and ends when its input ends.

    python llama.py FOLDER
"""

import struct
import sys
from pathlib import Path

# The pieces that the model says, one token each.
SAYS = ["message", ": ", '"from', " a real", ' model"']

# Width of the model: one number for each piece and one for everything else.
WIDTH = 32
CONTEXT = 32768
UNKNOWN, BEGIN, END = 0, 1, 2
NORMAL, UNKNOWN_KIND, CONTROL, BYTE = 1, 2, 3, 6

# Types of values in a GGUF file.
U32, I32, F32, STRING, ARRAY = 4, 5, 6, 8, 9


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def entry(key, kind, value):
    return text(key) + struct.pack("<I", kind) + value


def number(key, value):
    return entry(key, U32, struct.pack("<I", value))


def real(key, value):
    return entry(key, F32, struct.pack("<f", value))


def string(key, value):
    return entry(key, STRING, text(value))


def array(key, kind, values):
    head = struct.pack("<IQ", kind, len(values))
    if kind == STRING:
        return entry(key, ARRAY, head + b"".join(map(text, values)))
    return entry(key, ARRAY, head + struct.pack(f"<{len(values)}{'f' if kind == F32 else 'i'}", *values))


def vocabulary():
    """Texts, kinds and the place of the first piece."""
    tokens = [("<unk>", UNKNOWN_KIND), ("<s>", CONTROL), ("</s>", CONTROL)]
    tokens += [(f"<0x{byte:02X}>", BYTE) for byte in range(256)]
    tokens += [(f"<|fim_{part}|>", CONTROL) for part in ("prefix", "suffix", "middle")]
    first = len(tokens)
    # SentencePiece writes a blank as U+2581.
    tokens += [(piece.replace(" ", "\u2581"), NORMAL) for piece in SAYS]
    return tokens, first


def tensors(count, first):
    """The weights. Attention and the feed-forward part add nothing, so that what comes next depends on the last token
    alone: after any token of a prompt the first piece, after a piece the next one, after the last one the end."""
    zero = [0.0] * WIDTH
    unit = [[1.0 if column == row else 0.0 for column in range(WIDTH)] for row in range(WIDTH)]
    embedding = [unit[token - first + 1 if token >= first else 0] for token in range(count)]
    output = [zero] * count
    for step in range(len(SAYS)):
        output[first + step] = [8.0 * number for number in unit[step]]
    output[END] = [8.0 * number for number in unit[len(SAYS)]]
    ones, square = [[1.0] * WIDTH], [zero] * WIDTH
    yield "token_embd.weight", embedding
    yield "output_norm.weight", ones
    yield "output.weight", output
    for name in ("attn_norm", "ffn_norm"):
        yield f"blk.0.{name}.weight", ones
    for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
        yield f"blk.0.{name}.weight", square


def model():
    tokens, first = vocabulary()
    fim = first - 3
    entries = [
        string("general.architecture", "llama"),
        string("general.name", "one-sentence"),
        number("llama.context_length", CONTEXT),
        number("llama.embedding_length", WIDTH),
        number("llama.block_count", 1),
        number("llama.feed_forward_length", WIDTH),
        number("llama.attention.head_count", 1),
        number("llama.attention.head_count_kv", 1),
        real("llama.attention.layer_norm_rms_epsilon", 1e-5),
        number("llama.rope.dimension_count", WIDTH),
        number("llama.vocab_size", len(tokens)),
        string("tokenizer.ggml.model", "llama"),
        array("tokenizer.ggml.tokens", STRING, [name for name, _ in tokens]),
        array("tokenizer.ggml.scores", F32, [-float(place) for place in range(len(tokens))]),
        array("tokenizer.ggml.token_type", I32, [kind for _, kind in tokens]),
        number("tokenizer.ggml.bos_token_id", BEGIN),
        number("tokenizer.ggml.eos_token_id", END),
        number("tokenizer.ggml.unknown_token_id", UNKNOWN),
        number("tokenizer.ggml.fim_pre_token_id", fim),
        number("tokenizer.ggml.fim_suf_token_id", fim + 1),
        number("tokenizer.ggml.fim_mid_token_id", fim + 2),
        string(
            "tokenizer.chat_template",
            "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:",
        ),
    ]
    infos, data = [], b""
    for name, rows in tensors(len(tokens), first):
        dimensions = [len(rows[0])] if len(rows) == 1 else [len(rows[0]), len(rows)]
        shape = struct.pack(f"<I{len(dimensions)}Q", len(dimensions), *dimensions)
        # F32, and where the numbers begin.
        infos.append(text(name) + shape + struct.pack("<IQ", 0, len(data)))
        data += b"".join(struct.pack(f"<{len(row)}f", *row) for row in rows)
        data += bytes(-len(data) % 32)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(infos), len(entries)) + b"".join(entries) + b"".join(infos)
    return head + bytes(-len(head) % 32) + data


def main():
    import xllamacpp

    path = Path(sys.argv[1]) / "one-sentence.gguf"
    path.write_bytes(model())
    options = xllamacpp.CommonParams()
    options.model.path = str(path)
    options.n_ctx = CONTEXT
    options.n_parallel = 1
    options.port = 0
    options.cpuparams.n_threads = 1
    options.cpuparams_batch.n_threads = 1
    options.warmup = False
    server = xllamacpp.Server(options)
    print("listening", server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
