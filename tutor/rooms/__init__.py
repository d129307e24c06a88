"""Rooms: the same teacher on a LiveKit server. Only tokens.py is loaded by the web front."""
