"""Five steps of a procedure (receive, appraise, approve, seal, return), each by its role, signed, in order; no HTTP."""
