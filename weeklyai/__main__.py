"""`python -m weeklyai`."""

from weeklyai.cli import main

if __name__ == "__main__":
    main()
