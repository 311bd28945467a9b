"""The page on which a card is answered: from a mail, without logging in, one question at a time."""
