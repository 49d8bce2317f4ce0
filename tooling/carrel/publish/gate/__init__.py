"""What is looked for in the built site before it goes: hidden notes and credentials."""
