"""From items to checked blurbs: choose stories, draft sentences, gate every one of them."""
