"""A service to rehearse with: speaks the vendors' wires, films test pictures, keeps its own bill and causes faults on request. It is an
independent implementation of the protocols, written from the vendors' pages: it shares no code with the clients that it tests.
"""
