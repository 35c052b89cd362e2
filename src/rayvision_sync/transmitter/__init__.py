"""The transmitter: the program that published clients start to move files."""
