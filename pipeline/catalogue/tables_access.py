"""Tables of who may come in: accounts, sessions, keys of machines; and when somebody looked last at what.

Secrets are never here: passwords as argon2 hashes, session ids, keys and sign-in states as SHA-256 of 256 random bits.
`looks` only serves to make many looks at one thing one entry of the ledger, and is emptied as it ages.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from pipeline.catalogue.tables import Sha256, UtcDateTime, metadata

AccountId = String(40)

accounts = Table(
    "accounts",
    metadata,
    Column("id", AccountId, primary_key=True),
    # What is typed at sign-in, in lower case and NFC; for people of an identity provider a name of ours.
    Column("login", String(200), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("agency", String(40), nullable=False),
    Column("roles", JSON, nullable=False),
    Column("password", Text),
    Column("must_change", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("issuer", String(500)),
    Column("subject", String(255)),
    # Failures since the last success; a bound against guessing that outlives a restart.
    Column("failures", Integer, nullable=False),
    Column("failed_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("issuer", "subject"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", Sha256, primary_key=True),
    Column("account_id", AccountId, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("began_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False, index=True),
    # The identity provider's token, to be shown to it at sign-out; None for local accounts.
    Column("id_token", Text),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", AccountId, primary_key=True),
    Column("key_hash", Sha256, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("agency", String(40), nullable=False),
    Column("rights", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("used_at", UtcDateTime),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    # Of the state that went to the identity provider; a row is taken out when it comes back, so that it counts once.
    Column("state_hash", Sha256, primary_key=True),
    Column("browser_hash", Sha256, nullable=False),
    Column("nonce", String(100), nullable=False),
    Column("verifier", String(200), nullable=False),
    Column("back", Text, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False, index=True),
)

looks = Table(
    "looks",
    metadata,
    Column("key", Sha256, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
)
