"""The demonstration: a made-up hospital and the story that is told with it."""
