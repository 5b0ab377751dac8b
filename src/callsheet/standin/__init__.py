"""A service to rehearse with: speaks the vendors' wires, films test pictures, keeps a bill of its own and makes trouble on request.

It is a second witness of the protocols, written from the vendors' pages: it shares no code with the clients that it is there to test.
"""
