"""The language model: corpus, tokenizer, GPT, training, scoring and sampling."""
