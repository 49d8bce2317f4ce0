"""The site on its writer's own machine, while it is written."""
