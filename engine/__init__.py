"""The rules of signed, sealed, versioned documents. Pure: no disk, network, clock or randomness."""
