"""`python -m carrel`."""

from carrel.cli.main import main

if __name__ == "__main__":
    main()
