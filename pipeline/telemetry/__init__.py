"""What the machine tells its operators about itself: structured logs and traces. Never a value of somebody's papers."""
