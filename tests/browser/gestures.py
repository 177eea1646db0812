"""What hands do with photos: drop them, paste them, drag a corner."""

import base64
import io

from PIL import Image
from playwright.sync_api import FilePayload, JSHandle, Locator, Page

from tests.photos import paint, photo_file


def jpeg(colour: str = "red", size: tuple[int, int] = (320, 240), *, seed: int = 0) -> FilePayload:
    """A painted photo as a file field takes it."""
    return payload(f"{colour}.jpg", photo_file(colour, size, seed=seed).read())


def payload(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def sideways(colour: str, size: tuple[int, int]) -> FilePayload:
    """A photo as a telephone held upright stores it: lying, with a note that it is to be turned."""
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    paint(colour, size).save(file, "JPEG", quality=90, exif=exif)
    return payload("phone.jpg", file.getvalue())


def halves() -> FilePayload:
    """A photo that is red on the left and blue on the right."""
    picture = Image.new("RGB", (400, 200), "red")
    picture.paste("blue", (200, 0, 400, 200))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=95)
    return payload("halves.jpg", file.getvalue())


def carried(page: Page, *files: FilePayload) -> JSHandle:
    """Files on their way by drag or clipboard: a DataTransfer."""
    cargo = [
        {"name": file["name"], "type": file["mimeType"], "base64": base64.b64encode(file["buffer"]).decode()}
        for file in files
    ]
    return page.evaluate_handle(
        """(files) => {
            const cargo = new DataTransfer();
            for (const { name, type, base64 } of files) {
                const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
                cargo.items.add(new File([bytes], name, { type }));
            }
            return cargo;
        }""",
        cargo,
    )


def drag_in(page: Page, *files: FilePayload) -> JSHandle:
    """Files come over the page's edge."""
    cargo = carried(page, *files)
    page.dispatch_event("main", "dragenter", {"dataTransfer": cargo})
    page.dispatch_event("main", "dragover", {"dataTransfer": cargo})
    return cargo


def drop(page: Page, *files: FilePayload, zone: str = "new") -> None:
    cargo = drag_in(page, *files)
    page.dispatch_event(f"[data-drop-zone={zone}]", "drop", {"dataTransfer": cargo})


def paste(page: Page, *files: FilePayload) -> None:
    page.evaluate(
        "(cargo) => document.body.dispatchEvent("
        "new ClipboardEvent('paste', { clipboardData: cargo, bubbles: true, cancelable: true }))",
        carried(page, *files),
    )


def titles(page: Page) -> list[str]:
    """The results' titles, in order, of a page that is there whole."""
    page.wait_for_load_state()
    return page.locator("[data-matches] .match-title").all_inner_texts()


def pull(page: Page, what: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag with the mouse from one place in an element to another; places are shares of its width and height."""
    what.scroll_into_view_if_needed()
    area = what.bounding_box()
    assert area
    at = [(area["x"] + x * area["width"], area["y"] + y * area["height"]) for x, y in (start, end)]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move((at[0][0] + at[1][0]) / 2, (at[0][1] + at[1][1]) / 2)
    page.mouse.move(*at[1])
    page.mouse.up()
