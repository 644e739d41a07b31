"""What the pages share: frame, filters, cards, figures, tables. No page's own matter lives here."""
