"""Makes a catalogue photo look as if somebody had taken it with a phone: for training, so that such photos are found.

A catalogue shows a thing squarely, in even light, before a plain wall; a seller's phone shows it askew, half in shadow,
on a kitchen table, through a smeared lens, pressed into a small JPEG. Each is put on at random and by itself, so that
the network sees hardly two alike (the habit of SimCLR, arXiv 2002.05709, section 3, for photos of things for sale).
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import ndimage

Dice = np.random.Generator
_PLAIN = 24.0  # how far, of 255, the photo's border may stray from its own median and still be a plain wall
_NEAR = 30.0  # how far a pixel may be from the wall's colour and still belong to it
_SOLID = 0.7  # of what is no wall, so much is left when its rim is taken off; lines drawn on paper go wholly


def as_by_phone(photo: Image.Image, size: int, dice: Dice) -> Image.Image:
    """One such photo, RGB, `size` pixels square; the same dice give the same photo."""
    picture = photo.convert("RGB")
    picture.thumbnail((2 * size, 2 * size))
    if dice.random() < 0.3:
        picture = _elsewhere(picture, dice)
    picture = _framed(picture, size, dice)
    pixels = _lit(np.asarray(np.asarray(picture, np.float32) / 255, np.float32), dice)
    picture = Image.fromarray((255 * pixels).astype(np.uint8))
    if dice.random() < 0.3:
        picture = picture.filter(ImageFilter.GaussianBlur(float(dice.uniform(0.3, 1.8))))
    if dice.random() < 0.5:
        picture = _pressed(picture, int(dice.integers(25, 85)))
    if dice.random() < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return picture


def _framed(picture: Image.Image, size: int, dice: Dice) -> Image.Image:
    """The most of it, seen from a little aside: the square's corners come from anywhere near the photo's own."""
    width, height = picture.size
    share = np.sqrt(dice.uniform(0.5, 1.0))
    left, top = dice.uniform(0, 1 - share, 2)
    corners = np.array([(left, top), (left, top + share), (left + share, top + share), (left + share, top)])
    corners += dice.normal(0, 0.02, (4, 2))
    quad = tuple(float(value) for value in (np.clip(corners, 0, 1) * (width, height)).ravel())
    return picture.transform((size, size), Image.Transform.QUAD, quad, Image.Resampling.BICUBIC)


def _lit(pixels: NDArray[np.float32], dice: Dice) -> NDArray[np.float32]:
    """In other light: gamma, contrast, the colour of the lamp, and a shade across; pixels (h, w, 3) in 0…1."""
    height, width, _ = pixels.shape
    lamp = np.exp(dice.normal(0, 0.05, 3))
    gamma, contrast = np.exp(dice.normal(0, 0.2)), np.exp(dice.normal(0, 0.15))
    slope_x, slope_y = dice.normal(0, 0.25, 2)
    across = np.linspace(-0.5, 0.5, width)[None, :, None]
    down = np.linspace(-0.5, 0.5, height)[:, None, None]
    shade = np.exp(slope_x * across + slope_y * down)
    middle = pixels.mean()
    lit = (middle + contrast * (pixels**gamma - middle)) * lamp * shade
    return np.asarray(np.clip(lit, 0, 1), np.float32)


def _elsewhere(picture: Image.Image, dice: Dice) -> Image.Image:
    """Before another wall, where the present one is plain; else as it was."""
    pixels = np.asarray(picture, np.float32)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    wall = np.median(border, axis=0)
    if np.abs(border - wall).mean() > _PLAIN:
        return picture
    # Only what hangs together with the edge is wall: a white plate on a white wall keeps its middle.
    parts, _ = ndimage.label(np.abs(pixels - wall).max(axis=2) < _NEAR)
    edge = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    behind = np.isin(parts, edge[edge > 0])
    solid = ndimage.binary_erosion(~behind, iterations=3, border_value=1)
    if solid.sum() < _SOLID * (~behind).sum():
        return picture
    thing = 1 - ndimage.uniform_filter(behind.astype(np.float32), 3)[..., None]
    other = _wall(pixels.shape[0], pixels.shape[1], dice)
    return Image.fromarray((thing * pixels + (1 - thing) * other).astype(np.uint8))


def _wall(height: int, width: int, dice: Dice) -> NDArray[np.float32]:
    """Some surface: two colours that run into each other, and a grain; (h, w, 3) in 0…255."""
    coarse = dice.uniform(20, 235, (3, 3, 1)) + dice.normal(0, 25, (3, 3, 3))
    smooth = Image.fromarray(np.clip(coarse, 0, 255).astype(np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    grain = dice.normal(0, dice.uniform(0, 12), (height, width, 1))
    return np.clip(np.asarray(smooth, np.float32) + grain, 0, 255).astype(np.float32)


def _pressed(picture: Image.Image, quality: int) -> Image.Image:
    """As a JPEG of that quality leaves it."""
    pressed = io.BytesIO()
    picture.save(pressed, "JPEG", quality=quality)
    return Image.open(pressed, formats=("JPEG",)).convert("RGB")
