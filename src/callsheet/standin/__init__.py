"""A service to rehearse with: speaks the services' wires, makes clips of test pictures, keeps its own bill and causes faults on request. It is an
independent implementation of the protocols, written from the services' own documentation: it shares no code with the clients that it tests.
"""
