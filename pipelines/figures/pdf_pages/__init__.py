"""What the pages of a PDF draw, and their text: the one room that imports PyMuPDF (AGPL)."""
