"""What reaches outside: files, other hosts. A module implements a protocol of `rules.services`."""
