"""The vision transformer: a picture cut into patches, each of which asks all others what it is part of.

Our own hundred lines rather than timm's class: the same numbers (tests/search/test_encoder_strong.py holds them against
timm's), without a library to import in every web process and with weights that may lie in memory as bf16.

Sources: Dosovitskiy et al., "An Image is Worth 16x16 Words", ICLR 2021; layer scale: Touvron et al., "Going deeper
with Image Transformers", ICCV 2021; registers: Darcet et al., "Vision Transformers Need Registers", ICLR 2024.
"""

from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional


class VisionTransformer(nn.Module):
    """Tokens of square pictures whose side is `patch` times `grid`; parameters are named as DINOv2 publishes them."""

    def __init__(self, *, width: int, depth: int, heads: int, patch: int, grid: int, registers: int) -> None:
        super().__init__()
        self.grid = grid
        self.registers = registers
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.register_tokens = nn.Parameter(torch.zeros(1, registers, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + grid * grid, width))
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(3, width, patch, stride=patch)})
        self.blocks = nn.ModuleList(_Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width, eps=1e-6)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Tokens (n, 1 + registers + grid², width) of normalised pictures (n, 3, side, side): the class token first."""
        patches = self.patch_embed["proj"](pictures).flatten(2).transpose(1, 2)
        places = self.pos_embed.to(torch.float32)
        first = (self.cls_token + places[:, :1]).expand(len(pictures), -1, -1)
        registers = self.register_tokens.expand(len(pictures), -1, -1)
        tokens = torch.cat([first, registers, patches + places[:, 1:]], dim=1)
        for block in self.blocks:
            tokens = block(tokens)
        normed: torch.Tensor = self.norm(tokens)
        return normed

    def patches(self, tokens: torch.Tensor) -> torch.Tensor:
        """Those of `forward`'s tokens that stand for a place in the picture: (n, grid², width)."""
        return tokens[:, 1 + self.registers :]


class _Block(nn.Module):
    """Attention and a small network at each token, each added to what was there, scaled."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = _Attention(width, heads)
        self.ls1 = _Scale(width)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        layers = [("fc1", nn.Linear(width, 4 * width)), ("act", nn.GELU()), ("fc2", nn.Linear(4 * width, width))]
        self.mlp = nn.Sequential(OrderedDict(layers))
        self.ls2 = _Scale(width)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        tokens = tokens + self.ls1(self.attn(self.norm1(tokens)))
        summed: torch.Tensor = tokens + self.ls2(self.mlp(self.norm2(tokens)))
        return summed


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        count, length, width = tokens.shape
        asked = self.qkv(tokens).view(count, length, 3, self.heads, width // self.heads)
        query, key, value = asked.permute(2, 0, 3, 1, 4)  # each (n, heads, tokens, width / heads)
        seen = functional.scaled_dot_product_attention(query, key, value)
        out: torch.Tensor = self.proj(seen.transpose(1, 2).reshape(count, length, width))
        return out


class _Scale(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return tokens * self.gamma


def at_grid(pos_embed: torch.Tensor, grid: int) -> torch.Tensor:
    """Position embeddings (1, 1 + g², width) of another grid, the first of them not of a place: (1, 1 + grid², width).

    Bicubic with antialiasing, as the weights' own authors do it for the networks with registers.
    """
    former = round((pos_embed.shape[1] - 1) ** 0.5)
    if former == grid:
        return pos_embed
    places = pos_embed[:, 1:].float().reshape(1, former, former, -1).permute(0, 3, 1, 2)
    places = functional.interpolate(places, (grid, grid), mode="bicubic", antialias=True, align_corners=False)
    return torch.cat([pos_embed[:, :1].float(), places.flatten(2).transpose(1, 2)], dim=1)
