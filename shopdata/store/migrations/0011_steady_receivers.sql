ALTER TABLE erased_buyers ADD COLUMN steady BOOLEAN
