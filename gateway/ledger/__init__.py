"""The privacy budget: who may still spend what, and the durable record of every charge."""
