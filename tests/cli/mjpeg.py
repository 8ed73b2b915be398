"""A camera for the tests of the command: JPEG pictures of coarse blocks, and a server that sends them one after the
other over HTTP (Motion JPEG), which stalls, freezes and hangs up when it is told to."""
import http.server
import struct
import threading
import time


def segment(marker, body):
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def bits_of(value, size):
    return format(value if value >= 0 else value + (1 << size) - 1, f"0{size}b") if size else ""


def jpeg(rows):
    """A JPEG file with a block of 8 x 8 pixels for each level (0 to 255) of the rows, or for each (Y, Cb, Cr)."""
    if not isinstance(rows[0][0], tuple):
        rows = [[(level,) for level in row] for row in rows]
    components = len(rows[0][0])
    # Differences of blocks have 0 to 11 bits, told by four; nothing else is in a block ("0").
    sizes = segment(0xC4, b"\x00" + bytes([0, 0, 0, 12] + [0] * 12) + bytes(range(12)))
    empty = segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0")
    ids = bytes(range(1, components + 1))
    frame = struct.pack(">BHHB", 8, len(rows) * 8, len(rows[0]) * 8, components) + b"".join(
        bytes([one, 0x11, 0]) for one in ids)
    scan = bytes([components]) + b"".join(bytes([one, 0]) for one in ids) + b"\0\x3f\0"
    bits, before = [], [0] * components
    for row in rows:
        for block in row:
            for i, level in enumerate(block):
                value = level - 128  # with quantiser 8 it is the block's mean
                difference, before[i] = value - before[i], value
                size = abs(difference).bit_length()
                bits.append(format(size, "04b") + bits_of(difference, size) + "0")
    stream = "".join(bits)
    stream += "1" * (-len(stream) % 8)
    data = int(stream, 2).to_bytes(len(stream) // 8, "big").replace(b"\xff", b"\xff\0")
    return (b"\xff\xd8" + segment(0xDB, b"\0" + bytes([8] + [1] * 63)) + segment(0xC0, frame) + sizes + empty +
            segment(0xDA, scan) + data + b"\xff\xd9")


def moving_picture(number, width=12, height=9):
    """Blocks of grey, another for each number."""
    return jpeg([[40 + (x * 13 + y * 7 + number * 5) % 170 for x in range(width)] for y in range(height)])


class Camera:
    """Serves the pictures 0, 1, … of `picture(number)` at http://127.0.0.1:PORT/, `rate` a second. `mode` may be set
    to "play", "freeze" (the same again and again), "stall" (nothing comes) and "away" (hangs up, and refuses)."""

    def __init__(self, picture=moving_picture, rate=20):
        self.picture, self.rate, self.mode, self.sent, self.port = picture, rate, "play", 0, 0
        self.server = None
        self.start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}/"

    def start(self):
        camera = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                try:
                    camera.play(self.wfile)
                except OSError:
                    pass  # nobody listens any more

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def play(self, out):
        due, data = time.monotonic(), None
        while self.mode != "away":
            if self.mode != "stall":
                if self.mode == "play" or data is None:
                    data = self.picture(self.sent)
                    self.sent += 1
                out.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(data))
                out.write(data + b"\r\n")
                out.flush()
            due += 1 / self.rate
            time.sleep(max(0, due - time.monotonic()))

    def go_away(self):
        self.mode = "away"
        self.server.shutdown()
        self.server.server_close()

    def come_back(self):
        self.mode = "play"
        self.start()

    def close(self):
        if self.mode != "away":
            self.go_away()
