"""Both systems read afresh and compared; nothing is written in either."""
