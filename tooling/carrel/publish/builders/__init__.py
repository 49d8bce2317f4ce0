"""The same stage, rendered by another builder than MkDocs."""
