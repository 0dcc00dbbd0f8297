"""The pages in a real browser, over a real deployment of the demo."""
