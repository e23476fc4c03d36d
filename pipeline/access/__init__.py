"""Who may do what: roles, rights and the person or machine behind a request. Knows no HTTP and no passwords' forms."""
