-- A second factor: a secret that both sides know, encrypted with the instance's key, and codes for when the phone is gone.
ALTER TABLE users
    -- Shown, and not yet proved to be in somebody's phone.
    ADD COLUMN totp_pending bytea,
    ADD COLUMN totp_secret bytea,
    -- The number of the last half minute whose code was used: a code counts once.
    ADD COLUMN totp_last_step bigint;

CREATE TABLE recovery_codes (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
    PRIMARY KEY (user_id, code_hash)
);

-- The password was right, the code is still to come: no session yet.
ALTER TABLE sessions ADD COLUMN awaits_code boolean NOT NULL DEFAULT false;

GRANT SELECT, INSERT, DELETE ON recovery_codes TO mochi_system;
