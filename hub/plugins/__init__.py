"""Finding plugins without letting them hurt: index, child process, states."""
