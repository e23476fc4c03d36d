"""Who comes in through HTTP: the gate before every route, sign-in and sign-out, the identity provider, rates."""
