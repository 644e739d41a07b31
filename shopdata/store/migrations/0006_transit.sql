ALTER TABLE order_lines ADD COLUMN transit BOOLEAN
;
ALTER TABLE order_lines ADD COLUMN deposit_paid_at TIMESTAMP
;
ALTER TABLE order_lines_layers ADD COLUMN transit BOOLEAN
;
ALTER TABLE order_lines_layers ADD COLUMN deposit_paid_at TIMESTAMP
;
ALTER TABLE parcels ADD COLUMN transit BOOLEAN
;
ALTER TABLE parcels_layers ADD COLUMN transit BOOLEAN
;
ALTER TABLE orders ADD COLUMN is_transit BOOLEAN
