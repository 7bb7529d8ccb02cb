"""The review room: a draft in the browser, each sentence beside its source. It knows the draft only through a `Desk`."""
