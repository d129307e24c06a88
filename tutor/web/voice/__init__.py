"""A spoken conversation over one WebRTC connection: its ears, its mouth, and what it makes of both."""
