"""The transformer and the text encoder, and a forward pass for training that equals diffusers' but runs the batch at once."""

import math

import torch
import torch.nn.functional as F
from diffusers import MochiTransformer3DModel
from torch import Tensor
from transformers import T5Config, T5EncoderModel

from device import fast_type
from latents import CHANNELS

TRANSFORMER = {
    "patch_size": 2, "num_attention_heads": 6, "attention_head_dim": 32, "num_layers": 6, "pooled_projection_dim": 96,
    "in_channels": CHANNELS, "text_embed_dim": 128, "time_embed_dim": 128, "max_sequence_length": 256,
}
TEXT = {
    "d_model": 128, "d_kv": 32, "num_heads": 4, "d_ff": 256, "num_layers": 2, "feed_forward_proj": "gated-gelu",
    "dropout_rate": 0.0, "tie_word_embeddings": False,
}


def frequencies(heads: int, width: int) -> Tensor:
    """Rotary frequencies [3, heads, width]: a part of each head turns with time, a part with y, a part with x."""
    time, space = width // 4, (width - width // 4) // 2
    table = torch.zeros(3, heads, width)
    for head in range(heads):
        spread = 1 + 0.15 * (head - heads / 2) / heads
        table[0, head, :time] = torch.logspace(math.log10(0.25), math.log10(1.8), time) * spread
        # a frame is 192 positions wide whatever its size in pixels
        steps = torch.logspace(math.log10(0.012), math.log10(0.095), space) * spread
        table[1, head, time : time + space] = steps
        table[2, head, time + space : time + 2 * space] = steps
    return table


def build(vocabulary: int, seed: int = 0) -> tuple[MochiTransformer3DModel, T5EncoderModel]:
    torch.manual_seed(seed)
    transformer = MochiTransformer3DModel(**TRANSFORMER)
    text = T5EncoderModel(T5Config(vocab_size=vocabulary, **TEXT))
    heads, width = TRANSFORMER["num_attention_heads"], TRANSFORMER["attention_head_dim"] // 2
    transformer.pos_frequencies.data.copy_(frequencies(heads, width))
    transformer.pos_frequencies.requires_grad_(False)
    for layer in (transformer.proj_out, transformer.norm_out.linear):
        torch.nn.init.zeros_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    return transformer, text


def rms(x: Tensor, eps: float = 1e-6) -> Tensor:
    x = x.float()
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], -1).flatten(-2)


def attend(attn, x: Tensor, c: Tensor, cos: Tensor, sin: Tensor, mask: Tensor, last: bool) -> tuple[Tensor, Tensor | None]:
    """Joint attention of picture and text tokens; `mask` [B, 1, 1, N + S] says which keys count."""
    n, heads = x.shape[1], attn.heads
    q, k, v = F.linear(x, torch.cat([attn.to_q.weight, attn.to_k.weight, attn.to_v.weight])).unflatten(2, (3, heads, -1)).unbind(2)
    added = F.linear(c, torch.cat([attn.add_q_proj.weight, attn.add_k_proj.weight, attn.add_v_proj.weight]))
    cq, ck, cv = added.unflatten(2, (3, heads, -1)).unbind(2)
    q = rotate(rms(q, 1e-5) * attn.norm_q.weight, cos, sin)
    k = rotate(rms(k, 1e-5) * attn.norm_k.weight, cos, sin)
    cq, ck = rms(cq, 1e-5) * attn.norm_added_q.weight, rms(ck, 1e-5) * attn.norm_added_k.weight
    k, v = torch.cat([k, ck], 1).transpose(1, 2), torch.cat([v, cv], 1).transpose(1, 2)
    q = (q if last else torch.cat([q, cq], 1)).transpose(1, 2)
    # the CPU's backward pass of this kernel is seven times slower in bfloat16
    kind = fast_type(x.device) if x.is_cuda else torch.float32
    with torch.autocast(x.device.type, enabled=False):
        out = F.scaled_dot_product_attention(q.to(kind), k.to(kind), v.to(kind), attn_mask=mask).transpose(1, 2).flatten(2)
    return attn.to_out[0](out[:, :n]), None if last else attn.to_add_out(out[:, n:])


def feed_forward(ff, x: Tensor) -> Tensor:
    value, gate = ff.net[0].proj(x).chunk(2, -1)
    return ff.net[2](value * F.silu(gate))


def run_block(block, x: Tensor, c: Tensor, cond: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    last = block.context_pre_only
    s1, g1, s2, g2 = block.norm1.linear(cond).float().unsqueeze(1).chunk(4, -1)
    if last:
        u1 = block.norm1_context.linear_1(cond).float().unsqueeze(1)
    else:
        u1, h1, u2, h2 = block.norm1_context.linear(cond).float().unsqueeze(1).chunk(4, -1)
    ax, ac = attend(block.attn1, rms(x) * (1 + s1), rms(c) * (1 + u1), cos, sin, mask, last)
    x = x + rms(ax) * torch.tanh(g1)
    x = x + rms(feed_forward(block.ff, rms(x) * (1 + s2))) * torch.tanh(g2)
    if not last:
        c = c + rms(ac) * torch.tanh(h1)
        c = c + rms(feed_forward(block.ff_context, rms(c) * (1 + u2))) * torch.tanh(h2)
    return x, c


def velocity(model: MochiTransformer3DModel, z: Tensor, text: Tensor, timestep: Tensor, mask: Tensor) -> Tensor:
    """Same result as `model(z, text, timestep, mask)`; differentiable and batched."""
    b, _, t, h, w = z.shape
    temb, c = model.time_embed(timestep, text, mask.bool(), hidden_dtype=torch.float32)
    x = model.patch_embed(z.permute(0, 2, 1, 3, 4).flatten(0, 1)).unflatten(0, (b, t)).flatten(1, 2).float()
    cos, sin = (table.float() for table in model.rope(model.pos_frequencies, t, h // 2, w // 2, dtype=torch.float32))
    cond, c = F.silu(temb.float()), c.float()
    keys = F.pad(mask.bool(), (x.shape[1], 0), value=True)[:, None, None]
    for block in model.transformer_blocks:
        x, c = run_block(block, x, c, cond, cos, sin, keys)
    scale, shift = model.norm_out.linear(cond).float().unsqueeze(1).chunk(2, -1)
    x = F.layer_norm(x, x.shape[-1:], eps=1e-6) * (1 + scale) + shift
    out = model.proj_out(x).float().view(b, t, h // 2, w // 2, 2, 2, -1)
    return out.permute(0, 6, 1, 2, 4, 3, 5).reshape(b, -1, t, h, w)
