"""Phantoms: radiographs, CT slices and pictures drawn from a name."""
