"""What a file may cost before it is refused unread; a hostile one must not take the machine down."""

# Uncompressed 16-bit films reach 60 MB and scanned theses 100 MB; nothing this project looks for is larger.
MAX_BYTES = 128 * 1024 * 1024

# Pillow's own threshold. A 35 x 43 cm film scanned at 600 dpi has 84 million, a digital detector at most 18 million.
MAX_PIXELS = 89_478_485

# A cine loop or a multi-page scan has some hundreds; each frame costs a seek before anybody has looked at it.
MAX_FRAMES = 2_000
